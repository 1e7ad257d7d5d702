//! What wit-bindgen makes of the contract: one module for the capabilities, and one for each interface that a connector
//! may export.
//!
//! The interfaces stand apart, instead of together in the worlds of the contract, so that a connector can export any
//! set of them. All share the types of the contract.

#![allow(missing_docs, clippy::all)]

pub mod capabilities {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "capabilities",
        generate_unused_types: true,
        additional_derives: [PartialEq],
    });
}

pub mod connector {
    wit_bindgen::generate!({
        inline: "package sluss:sdk-connector; world connector-part { export sluss:connector/connector@0.1.0; }",
        path: "../../wit",
        with: { "sluss:connector/types@0.1.0": crate::bindings::capabilities::sluss::connector::types },
        additional_derives: [PartialEq],
        pub_export_macro: true,
        export_macro_name: "export_connector",
        default_bindings_module: "sluss_sdk::bindings::connector",
    });
}

pub mod source {
    wit_bindgen::generate!({
        inline: "package sluss:sdk-source; world source-part { export sluss:connector/source@0.1.0; }",
        path: "../../wit",
        with: { "sluss:connector/types@0.1.0": crate::bindings::capabilities::sluss::connector::types },
        pub_export_macro: true,
        export_macro_name: "export_source",
        default_bindings_module: "sluss_sdk::bindings::source",
    });
}

pub mod fingerprints {
    wit_bindgen::generate!({
        inline: "package sluss:sdk-fingerprints; world fingerprints-part { export sluss:connector/fingerprints@0.1.0; }",
        path: "../../wit",
        with: { "sluss:connector/types@0.1.0": crate::bindings::capabilities::sluss::connector::types },
        additional_derives: [PartialEq],
        pub_export_macro: true,
        export_macro_name: "export_fingerprints",
        default_bindings_module: "sluss_sdk::bindings::fingerprints",
    });
}

pub mod changes {
    wit_bindgen::generate!({
        inline: "package sluss:sdk-changes; world changes-part { export sluss:connector/changes@0.1.0; }",
        path: "../../wit",
        with: { "sluss:connector/types@0.1.0": crate::bindings::capabilities::sluss::connector::types },
        additional_derives: [PartialEq],
        pub_export_macro: true,
        export_macro_name: "export_changes",
        default_bindings_module: "sluss_sdk::bindings::changes",
    });
}

pub mod register {
    wit_bindgen::generate!({
        inline: "package sluss:sdk-register; world register-part { export sluss:connector/register@0.1.0; }",
        path: "../../wit",
        with: { "sluss:connector/types@0.1.0": crate::bindings::capabilities::sluss::connector::types },
        additional_derives: [PartialEq],
        pub_export_macro: true,
        export_macro_name: "export_register",
        default_bindings_module: "sluss_sdk::bindings::register",
    });
}

pub mod target {
    wit_bindgen::generate!({
        inline: "package sluss:sdk-target; world target-part { export sluss:connector/target@0.1.0; }",
        path: "../../wit",
        with: { "sluss:connector/types@0.1.0": crate::bindings::capabilities::sluss::connector::types },
        additional_derives: [PartialEq],
        pub_export_macro: true,
        export_macro_name: "export_target",
        default_bindings_module: "sluss_sdk::bindings::target",
    });
}
