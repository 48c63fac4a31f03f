//! The fuzzer: `cargo xtask fuzz TARGET SECONDS` builds it with coverage counters and starts it.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    TARGET.run(data);
});

static TARGET: LazyLock<countersign_fuzz::Target> = LazyLock::new(|| {
    let name = std::env::var(VARIABLE).unwrap_or_default();
    countersign_fuzz::target(&name)
        .unwrap_or_else(|| panic!("{VARIABLE} should name a target, not {name:?}"))
});

const VARIABLE: &str = "COUNTERSIGN_FUZZ_TARGET";
