//! Serves a development provider on 127.0.0.1:9000 until it is interrupted.

use countersign_dev_provider::{Client, DevProvider, StartError};

#[tokio::main]
async fn main() -> Result<(), StartError> {
    let provider = DevProvider::builder()
        .listen(([127, 0, 0, 1], 9000).into())
        .client(
            Client::confidential("demo", "demo-secret")
                .name("Demo application")
                .redirect_uri("http://127.0.0.1:3000/auth/callback")
                .post_logout_redirect_uri("http://127.0.0.1:3000/auth/logged-out"),
        )
        .start()
        .await?;
    println!("issuer: {}", provider.issuer());
    provider.wait().await;
    Ok(())
}
