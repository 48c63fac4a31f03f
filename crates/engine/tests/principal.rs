use serde::Deserialize;
use serde_json::json;

use crate::support::World;

#[derive(Debug, Deserialize, PartialEq)]
struct Mine {
    name: String,
    #[serde(default)]
    groups: Vec<String>,
}

#[test]
fn claims_can_be_read_as_a_type_of_ones_own() {
    let world = World::new();
    world.op().change_id_token = Box::new(|claims| {
        claims.insert("groups".into(), json!(["a", "b"]));
    });
    let principal = world.log_in(&world.rp()).unwrap().principal();
    let mine: Mine = principal.decode().unwrap();
    assert_eq!(mine, Mine { name: "Alice".into(), groups: vec!["a".into(), "b".into()] });
    assert!(principal.decode::<Vec<String>>().is_err());
    assert_eq!((principal.subject(), principal.issuer()), ("alice", "https://op.example"));
}
