//! The stack in the guest's memory is larger than usual, so that QuickJS's own limit is what ends deep recursion.

fn main() {
    println!("cargo:rustc-link-arg-bins=-zstack-size=4194304");
}
