//! What crosses the border: descriptions, settings, grants, answers, and what a plugin may not do with any of them.
#![allow(clippy::unwrap_used)]

mod support;

use serde_json::json;
use sluss_engine::change::{Change, Operation};
use sluss_engine::fault::FaultKind;
use sluss_engine::record::Rest;
use sluss_plugin::{AuditError, Capability, Grants, LoadError, Lock, Mode, Pin};
use std::borrow::Cow;
use std::collections::HashMap;
use support::{APPEND, Bench, Guest, sandbox};

fn changes() -> Vec<Change> {
    vec![Change { id: 7, class: "person".to_owned(), operation: Operation::Remove("x".to_owned()) }]
}

#[tokio::test]
async fn a_plugin_says_what_it_is() {
    let bench = Bench::new();
    let plugin = bench.load(&Guest::new());
    let description = plugin.describe().await.unwrap();
    assert_eq!(
        (description.id.as_str(), description.version.as_str(), description.max_batch),
        ("hostile", "1.0.0", 50)
    );
    let interfaces = plugin.interfaces();
    assert!(interfaces.source && interfaces.target && !interfaces.changes && !interfaces.register);
    assert_eq!(plugin.capabilities(), [Capability::Log, Capability::Files, Capability::Ldap]);
    assert_eq!(plugin.contract(), "0.1.0");
    assert_eq!(plugin.digest().len(), 64);

    let mut lock = Lock::default();
    let pin = Pin::new(&plugin, &description, None);
    lock.accept(&description.id, pin.clone());
    assert!(lock.verify("hostile", &pin).is_ok());
    let changed = bench.load(&Guest::new().does("finish", "(unreachable)"));
    let refusal = lock.verify("hostile", &Pin::new(&changed, &description, None)).unwrap_err().to_string();
    assert!(refusal.contains("`sluss plugin update hostile`"), "{refusal}");
}

#[tokio::test]
async fn compiling_is_done_once_and_again_after_tampering() {
    let bench = Bench::new();
    let wasm = Guest::new().build();
    let first = bench.sandbox.load(&wasm).unwrap();
    assert!(first.compiled_now);
    assert!(!bench.sandbox.load(&wasm).unwrap().compiled_now);
    let cache = bench.folder.path().join("cache");
    let other = sandbox(&cache);
    assert!(!other.load(&wasm).unwrap().compiled_now);
    let pinned = other.load_pinned(first.digest(), || panic!("the bytes are not needed")).unwrap();
    assert_eq!(pinned.describe().await.unwrap().id, "hostile");

    let compiled = std::fs::read_dir(&cache).unwrap().map(|entry| entry.unwrap().path());
    let compiled = compiled.into_iter().find(|path| path.extension().is_some_and(|ending| ending == "cwasm")).unwrap();
    let mut bytes = std::fs::read(&compiled).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    std::fs::write(&compiled, bytes).unwrap();
    assert!(bench.sandbox.load(&wasm).unwrap().compiled_now);
    assert!(!bench.sandbox.load(&wasm).unwrap().compiled_now);
}

#[test]
fn what_is_no_plugin_is_refused_before_it_is_compiled() {
    let bench = Bench::new();
    let load = |bytes: &[u8]| bench.sandbox.load(bytes).unwrap_err();
    assert!(matches!(load(b"hello"), LoadError::Audit(AuditError::Unreadable(_))));
    let socket = wat::parse_str(r#"(component (import "wasi:sockets/tcp@0.2.0" (instance)))"#).unwrap();
    assert!(load(&socket).to_string().contains("it wants wasi:sockets/tcp@0.2.0, which no plugin gets"));
    assert!(load(&vec![0; (64 << 20) + 1]).to_string().contains("larger than 64 MiB"));
    let pinned = bench.sandbox.load_pinned(&"0".repeat(64), || Ok(Cow::Borrowed(b"hello"))).unwrap_err();
    assert!(matches!(pinned, LoadError::Pinned { .. }), "{pinned}");

    // It names the right things, and its insides are broken.
    let mut broken = Guest::new().build();
    let at = broken.windows(7).position(|window| window == b"hostile").unwrap();
    let code = broken[..at].iter().rposition(|byte| *byte == 0x0b).unwrap();
    broken[code] = 0xff;
    let error = load(&broken);
    assert!(matches!(error, LoadError::Compile(_) | LoadError::Audit(_)), "{error}");
    assert_eq!(std::fs::read_dir(bench.folder.path().join("cache")).unwrap().count(), 0);
}

#[test]
fn an_interface_that_is_not_the_contracts_is_refused() {
    let bench = Bench::new();
    let empty = wat::parse_str(
        r#"(component
            (instance $i)
            (export "sluss:connector/connector@0.1.0" (instance $i))
            (export "sluss:connector/source@0.1.0" (instance $i)))"#,
    )
    .unwrap();
    let error = bench.sandbox.load(&empty).unwrap_err().to_string();
    assert!(error.starts_with("it does not fit contract 0.1.0: "), "{error}");
    let strange = wat::parse_str(
        r#"(component
            (import "sluss:connector/log@0.1.0" (instance (export "shout" (func))))
            (instance $i)
            (export "sluss:connector/connector@0.1.0" (instance $i))
            (export "sluss:connector/source@0.1.0" (instance $i)))"#,
    )
    .unwrap();
    let error = bench.sandbox.load(&strange).unwrap_err().to_string();
    assert!(error.starts_with("it does not fit contract 0.1.0: ") && error.contains("shout"), "{error}");
}

#[tokio::test]
async fn functions_of_another_shape_are_a_fault_of_the_plugin() {
    let bench = Bench::new();
    let misshapen = wat::parse_str(
        r#"(component
            (core module $m (func (export "f")))
            (core instance $i (instantiate $m))
            (func $f (canon lift (core func $i "f")))
            (instance $c (export "describe" (func $f)) (export "configure" (func $f)) (export "check" (func $f)))
            (instance $s (export "version" (func $f)) (export "read" (func $f)))
            (export "sluss:connector/connector@0.1.0" (instance $c))
            (export "sluss:connector/source@0.1.0" (instance $s)))"#,
    )
    .unwrap();
    let fault = bench.sandbox.load(&misshapen).unwrap().describe().await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Internal);
    assert!(
        fault.message.starts_with("plugin sha256:") && fault.message.contains(" in its start: failed: "),
        "{fault}"
    );
}

#[tokio::test]
async fn settings_are_held_against_the_schema_before_the_plugin_sees_them() {
    let bench = Bench::new();
    let plugin = bench.load(&Guest::new().does("configure", "(unreachable)"));
    let mut open = bench.open(Mode::Commit);
    open.settings = json!({ "foldr": "in", "folder": 3 });
    assert_eq!(plugin.review(&open).await.unwrap().len(), 2);
    let fault = plugin.open(open).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Config);
    assert!(fault.message.contains("foldr: is not known; did you mean `folder`?"), "{fault}");
    assert!(fault.message.contains("settings of test: folder: "), "{fault}");
}

#[tokio::test]
async fn a_folder_that_was_not_granted_is_refused_with_the_line_that_would_grant_it() {
    let bench = Bench::new();
    let guest = Guest::new().does("check", &format!("{APPEND} (i32.const 30000)"));
    let mut open = bench.open(Mode::Commit);
    open.grants = Grants::default();
    let mut connector = bench.load(&guest).open(open).await.unwrap();
    let fault = connector.check().await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Permission);
    assert!(fault.message.ends_with("add \"in\" to grant of [system.test]"), "{fault}");
    assert_eq!(connector.requests(), 0);
    assert!(connector.broken().is_none());
}

#[tokio::test]
async fn a_preview_writes_nothing() {
    let bench = Bench::new();
    let guest = Guest::new().does("apply", &format!("{APPEND} (i32.const 30000)"));
    let plugin = bench.load(&guest);
    let mut connector = plugin.open(bench.open(Mode::Preview)).await.unwrap();
    let fault = connector.apply(&changes(), HashMap::new()).await.unwrap_err();
    assert_eq!((fault.kind, fault.message.as_str()), (FaultKind::Permission, "preview: nothing is written"));
    assert!(!fault.sent);
    assert_eq!(std::fs::read_dir(bench.folder.path().join("in")).unwrap().count(), 0);
    assert_eq!(connector.requests(), 0);
}

#[tokio::test]
async fn a_name_that_leads_out_of_the_folder_is_refused() {
    let bench = Bench::new();
    let body = "(call $files_read (i32.const 3000) (i32.const 2) (i32.const 3020) (i32.const 9) (i64.const 0)
        (i32.const 100) (i32.const 30000)) (i32.const 30000)";
    let mut connector = bench.connector(&Guest::new().does("check", body)).await;
    let fault = connector.check().await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Permission);
    assert!(fault.message.contains("`../secret` leads out of the folder"), "{fault}");
}

#[tokio::test]
async fn answers_that_break_the_contract_are_refused() {
    let bench = Bench::new();
    let mut connector = bench.connector(&Guest::new()).await;
    assert_eq!(connector.read("person", None, 10).await.unwrap().rest, Rest::Complete);
    let fault = connector.apply(&changes(), HashMap::new()).await.unwrap_err();
    assert_eq!(fault.message, "plugin hostile 1.0.0 in apply: gave 0 answers for 1 changes");
    assert!(fault.sent && fault.kind == FaultKind::Internal);
    let fault = connector.get("person", &["a".to_owned()], &[]).await.unwrap_err();
    assert!(fault.message.ends_with("gave 0 answers for 1 ids"), "{fault}");
    assert_eq!(connector.find("person", &Vec::new(), &[]).await.unwrap(), None);
    assert!(connector.read_target("person", &[], None, 10).await.unwrap().rows.is_empty());
    connector.finish().await.unwrap();
    assert_eq!(connector.latest("person").await.unwrap_err().kind, FaultKind::Unsupported);

    // There is always more, behind the same cursor.
    let endless = "(i32.store8 (i32.const 40028) (i32.const 0))
        (i32.store (i32.const 40032) (i32.const 2048)) (i32.store (i32.const 40036) (i32.const 4)) (i32.const 40000)";
    let mut connector = bench.connector(&Guest::new().does("read", endless)).await;
    let Rest::More(cursor) = connector.read("person", None, 10).await.unwrap().rest else { panic!("there is more") };
    assert_eq!(cursor, b"host");
    let fault = connector.read("person", Some(cursor), 10).await.unwrap_err();
    assert!(fault.message.ends_with("gave the same cursor twice, so the read would never end"), "{fault}");

    // Two columns of the same name; then a row with an empty id.
    let twice = "(i32.store (i32.const 40004) (i32.const 50000)) (i32.store (i32.const 40008) (i32.const 2))
        (i32.store (i32.const 50000) (i32.const 2048)) (i32.store (i32.const 50004) (i32.const 7))
        (i32.store (i32.const 50008) (i32.const 2048)) (i32.store (i32.const 50012) (i32.const 7)) (i32.const 40000)";
    let mut connector = bench.connector(&Guest::new().does("read", twice)).await;
    let fault = connector.read("person", None, 10).await.unwrap_err();
    assert!(fault.message.ends_with("named the column `hostile` twice"), "{fault}");
    let nameless = "(i32.store (i32.const 40012) (i32.const 50000)) (i32.store (i32.const 40016) (i32.const 1))
        (i32.const 40000)";
    let mut connector = bench.connector(&Guest::new().does("read", nameless)).await;
    let fault = connector.read("person", None, 10).await.unwrap_err();
    assert!(fault.message.ends_with("gave an id that is empty"), "{fault}");
}
