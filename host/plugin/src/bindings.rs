//! The contract in Rust, generated from `wit/` for the host's side.
//!
//! Everything is generated at once, and a connector is bound interface by interface, so that it may export any of them
//! and whatever else its language's tools add.
#![allow(missing_docs)]

wasmtime::component::bindgen!({
    inline: "
        package sluss:host;

        world everything {
            include sluss:connector/fingerprints-connector@0.1.0;
            include sluss:connector/changes-connector@0.1.0;
            include sluss:connector/register-connector@0.1.0;
            include sluss:connector/target-connector@0.1.0;
        }
    ",
    path: "../../wit",
    world: "sluss:host/everything",
    imports: { default: async | trappable },
    exports: { default: async },
});

pub use exports::sluss::connector as guest;
pub use sluss::connector as host;
