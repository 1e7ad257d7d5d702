//! A sandbox to test with, and plugins made of a few lines of WebAssembly text.
//!
//! What a hostile plugin does is said here instruction by instruction, so that no compiler and no toolkit softens it.
#![allow(clippy::unwrap_used, dead_code)]

use serde_json::json;
use sluss_plugin::limits::Span;
use sluss_plugin::{Compiler, Connection, Connector, Grants, Limits, Mode, Open, Plugin, Sandbox, SandboxConfig};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// A sandbox with a cache of its own.
pub struct Bench {
    pub folder: tempfile::TempDir,
    pub sandbox: Sandbox,
}

impl Bench {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("in")).unwrap();
        std::fs::write(folder.path().join("secret"), "secret").unwrap();
        let sandbox = sandbox(&folder.path().join("cache"));
        Bench { folder, sandbox }
    }

    pub fn load(&self, guest: &Guest) -> Plugin {
        self.sandbox.load(&guest.build()).unwrap()
    }

    /// A system called `test`, with the folder `in` granted for writing, and a second for a call.
    pub fn open(&self, mode: Mode) -> Open {
        let path = self.folder.path().join("in");
        let connection = format!("kind = \"files\"\naccess = \"write\"\npath = '{}'", path.display());
        let connection: Connection = toml::from_str(&connection).unwrap();
        Open {
            system: "test".to_owned(),
            settings: json!({ "folder": "in" }),
            grants: Grants::from_iter([("in".to_owned(), connection)]),
            limits: Limits { call: Span(Duration::from_secs(1)), ..Limits::default() },
            mode,
        }
    }

    pub async fn connector(&self, guest: &Guest) -> Connector {
        self.load(guest).open(self.open(Mode::Commit)).await.unwrap()
    }

    pub fn written(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("in/f")).unwrap_or_default()
    }
}

pub fn sandbox(cache: &Path) -> Sandbox {
    Sandbox::new(SandboxConfig {
        cache: cache.to_owned(),
        compiler: Compiler::new(env!("CARGO_BIN_EXE_compile-plugin").into(), [""; 0]),
    })
    .unwrap()
}

/// A connector that is source and target, and does nothing wrong until it is told to.
///
/// Its memory: the description at 1024, its texts from 2048, sixteen kilobytes of zeros from 16384 (which read as an
/// answer without error and without content), an empty page that completes a read at 40000, and what the host hands
/// over from 65536 on.
pub struct Guest {
    bodies: BTreeMap<&'static str, String>,
    more: String,
}

const CONNECTOR: &str = "sluss:connector/connector@0.1.0";
const SOURCE: &str = "sluss:connector/source@0.1.0";
const TARGET: &str = "sluss:connector/target@0.1.0";
const ZEROS: &str = "(i32.const 16384)";

/// An empty page, complete.
pub const EMPTY_PAGE: &str = "(i32.const 40000)";

/// Writes `name` into the folder that the settings name, then goes on; the answer is at 30000.
pub const APPEND: &str = "(call $append (i32.const 3000) (i32.const 2) (i32.const 3010) (i32.const 1) (i32.const 3000) (i32.const 2) (i32.const 30000))";

impl Guest {
    pub fn new() -> Self {
        let bodies = [
            ("describe", "(i32.const 1024)"),
            ("configure", ZEROS),
            ("check", ZEROS),
            ("version", ZEROS),
            ("read", EMPTY_PAGE),
            ("target-read", EMPTY_PAGE),
            ("get", ZEROS),
            ("find", ZEROS),
            ("apply", ZEROS),
            ("finish", ZEROS),
        ];
        Guest { bodies: bodies.into_iter().map(|(name, body)| (name, body.to_owned())).collect(), more: String::new() }
    }

    /// What a function does; it ends with the address of its answer.
    pub fn does(mut self, function: &'static str, body: &str) -> Self {
        assert!(self.bodies.insert(function, body.to_owned()).is_some(), "{function}");
        self
    }

    /// Further functions, data, or a start.
    pub fn with(mut self, text: &str) -> Self {
        self.more.push_str(text);
        self
    }

    pub fn build(&self) -> Vec<u8> {
        let mut module = wat::parse_str(self.text()).unwrap();
        let mut resolve = Resolve::default();
        resolve.push_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit")).unwrap();
        let package = resolve
            .push_str(
                "test.wit",
                "package test:guest; world both {
                    include sluss:connector/source-connector@0.1.0;
                    include sluss:connector/target-connector@0.1.0;
                }",
            )
            .unwrap();
        let world = resolve.select_world(&[package], Some("both")).unwrap();
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
        ComponentEncoder::default().validate(true).module(&module).unwrap().encode().unwrap()
    }

    fn text(&self) -> String {
        let schema = r#"{"type":"object","properties":{"folder":{"type":"string"}},"additionalProperties":false}"#;
        let texts = [(2048, "hostile"), (2060, "1.0.0"), (2070, "Nobody"), (2080, "Hostile"), (2100, schema)];
        let data: String = texts.iter().map(|(at, text)| format!("(data (i32.const {at}) {text:?})\n")).collect();
        let record: String = texts
            .iter()
            .flat_map(|(at, text)| [*at, text.len() as u32])
            .chain([0, 0, 0, 0, 50, 0, 0])
            .flat_map(u32::to_le_bytes)
            .map(|byte| format!("\\{byte:02x}"))
            .collect();
        let body = |name: &str| self.bodies[name].as_str();
        format!(
            r#"(module
            (import "sluss:connector/log@0.1.0" "write"
                (func $log (param i32 i32 i32 i32 i32)))
            (import "sluss:connector/files@0.1.0" "append"
                (func $append (param i32 i32 i32 i32 i32 i32 i32)))
            (import "sluss:connector/files@0.1.0" "read"
                (func $files_read (param i32 i32 i32 i32 i64 i32 i32)))
            (import "sluss:connector/ldap@0.1.0" "server"
                (func $server (param i32 i32 i32)))
            (memory (export "memory") 3)
            (global $free (mut i32) (i32.const 65536))
            (func (export "cabi_realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32)
                (result i32) (local $at i32)
                (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
                (global.set $free (i32.add (local.get $at) (local.get $new)))
                (local.get $at))
            (data (i32.const 1024) "{record}")
            {data}
            (data (i32.const 3000) "in")
            (data (i32.const 3010) "f")
            (data (i32.const 3020) "../secret")
            (data (i32.const 3040) "out")
            (data (i32.const 40028) "\01")
            (func (export "{CONNECTOR}#describe") (result i32) {describe})
            (func (export "{CONNECTOR}#configure") (param i32 i32) (result i32) {configure})
            (func (export "{CONNECTOR}#check") (result i32) {check})
            (func (export "{SOURCE}#version") (param i32 i32) (result i32) {version})
            (func (export "{SOURCE}#read") (param i32 i32 i32 i32 i32 i32) (result i32) (local $i i32) {read})
            (func (export "{TARGET}#read") (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32) {target_read})
            (func (export "{TARGET}#get") (param i32 i32 i32 i32 i32 i32) (result i32) {get})
            (func (export "{TARGET}#find") (param i32 i32 i32 i32 i32 i32) (result i32) {find})
            (func (export "{TARGET}#apply") (param i32 i32) (result i32) {apply})
            (func (export "{TARGET}#finish") (result i32) {finish})
            {more})"#,
            describe = body("describe"),
            configure = body("configure"),
            check = body("check"),
            version = body("version"),
            read = body("read"),
            target_read = body("target-read"),
            get = body("get"),
            find = body("find"),
            apply = body("apply"),
            finish = body("finish"),
            more = self.more,
        )
    }
}
