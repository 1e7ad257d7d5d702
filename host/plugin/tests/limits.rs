//! Plugins that want too much of the machine: each is stopped, named, and thrown away, and the host goes on.
#![allow(clippy::unwrap_used)]

mod support;

use sluss_engine::change::{Change, Operation};
use sluss_engine::fault::{Fault, FaultKind};
use sluss_plugin::limits::{Size, Span};
use sluss_plugin::{Connector, Limits, Mode};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use support::{APPEND, Bench, EMPTY_PAGE, Guest};

const LOOP: &str = "(loop $for_ever (br $for_ever)) (unreachable)";

fn changes() -> Vec<Change> {
    vec![Change { id: 7, class: "person".to_owned(), operation: Operation::Remove("x".to_owned()) }]
}

async fn opened(guest: Guest, limits: Limits) -> Connector {
    let bench = Bench::new();
    let mut open = bench.open(Mode::Commit);
    open.limits = limits;
    bench.load(&guest).open(open).await.unwrap()
}

async fn fault_of_read(guest: Guest, limits: Limits) -> Fault {
    let mut connector = opened(guest, limits).await;
    let fault = connector.read("person", None, 10).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Internal, "{fault}");
    assert!(fault.message.starts_with("plugin hostile 1.0.0 in read: "), "{fault}");
    let again = connector.check().await.unwrap_err();
    assert_eq!(again.message, fault.message, "a broken connector says the same again");
    assert_eq!(connector.broken(), Some(&again));
    fault
}

fn small() -> Limits {
    Limits { memory: Size::mebibytes(16), call: Span(Duration::from_millis(500)), ..Limits::default() }
}

#[tokio::test]
async fn a_loop_is_ended_on_time() {
    let start = Instant::now();
    let fault = fault_of_read(Guest::new().does("read", LOOP), small()).await;
    assert!(fault.message.ends_with("ran longer than 500 ms"), "{fault}");
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

/// How many turns they get in a time is the machine's affair; that they get them before the loop is ended is ours.
#[tokio::test]
async fn others_run_beside_a_loop() {
    let limits = Limits { call: Span(Duration::from_secs(60)), ..small() };
    let mut looping = opened(Guest::new().does("read", LOOP), limits).await;
    let turns = async {
        for _ in 0..10 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        biased;
        ended = looping.read("person", None, 10) => panic!("the loop ended before ten turns of others: {ended:?}"),
        () = turns => {}
    }
}

#[tokio::test]
async fn a_loop_at_the_start_is_ended_too() {
    let bench = Bench::new();
    let guest = Guest::new().does("configure", LOOP);
    let fault = bench.load(&guest).open(bench.open(Mode::Commit)).await.unwrap_err();
    assert_eq!(fault.message, "plugin hostile 1.0.0 in configure: ran longer than 1 s");
}

#[tokio::test]
async fn waiting_for_a_server_that_says_nothing_is_ended_on_time() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ldap://{}", silent.local_addr().unwrap());
    let directory = format!("kind = \"ldap\"\nurl = \"{url}\"\nbase = \"dc=x\"\ntimeout = 60\nallow-clear-text = true");
    let bench = Bench::new();
    let mut open = bench.open(Mode::Commit);
    open.limits = small();
    open.grants = [("out".to_owned(), toml::from_str(&directory).unwrap())].into_iter().collect();
    let body = "(call $server (i32.const 3040) (i32.const 3) (i32.const 30000)) (i32.const 30000)";
    let mut connector = bench.load(&Guest::new().does("check", body)).open(open).await.unwrap();
    let start = Instant::now();
    let fault = connector.check().await.unwrap_err();
    assert_eq!(fault.message, "plugin hostile 1.0.0 in check: ran longer than 500 ms");
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[tokio::test]
async fn memory_without_end_is_refused() {
    let body = "(loop $more (drop (memory.grow (i32.const 16))) (br $more)) (unreachable)";
    let fault = fault_of_read(Guest::new().does("read", body), small()).await;
    assert!(fault.message.ends_with("wanted more than 16 MiB of memory"), "{fault}");
}

#[tokio::test]
async fn a_table_without_end_is_refused() {
    let body = "(loop $more (drop (table.grow $t (ref.null func) (i32.const 1000))) (br $more)) (unreachable)";
    let fault = fault_of_read(Guest::new().with("(table $t 1 funcref)").does("read", body), small()).await;
    assert!(fault.message.ends_with("wanted more than 65536 table elements"), "{fault}");
}

#[tokio::test]
async fn recursion_without_end_is_ended() {
    let guest =
        Guest::new().with("(func $deeper (call $deeper) (call $deeper))").does("read", "(call $deeper) (unreachable)");
    let fault = fault_of_read(guest, small()).await;
    assert!(fault.message.ends_with("recursed too deep"), "{fault}");
}

#[tokio::test]
async fn a_small_guest_cannot_give_a_large_answer() {
    // A thousand column names, which all are the same sixty-four kilobytes of memory.
    let body = "(loop $fill
            (i32.store (i32.add (i32.const 80000) (i32.mul (local.get $i) (i32.const 8))) (i32.const 65536))
            (i32.store (i32.add (i32.const 80004) (i32.mul (local.get $i) (i32.const 8))) (i32.const 65536))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $fill (i32.lt_u (local.get $i) (i32.const 1000))))
        (i32.store (i32.const 40004) (i32.const 80000))
        (i32.store (i32.const 40008) (i32.const 1000))
        (i32.const 40000)";
    let fault = fault_of_read(Guest::new().does("read", body), Limits::default()).await;
    assert!(fault.message.ends_with("returned more than 32 MiB at once"), "{fault}");
}

#[tokio::test]
async fn a_trap_is_a_fault_of_its_connector_only() {
    let fault = fault_of_read(Guest::new().does("read", "(unreachable)"), small()).await;
    assert!(fault.message.ends_with("trapped: it gave up (panic or abort)"), "{fault}");
    let fault = fault_of_read(Guest::new().does("read", "(i32.load (i32.const -4))"), small()).await;
    assert!(fault.message.contains("reached outside its memory"), "{fault}");

    let bench = Bench::new();
    let plugin = bench.load(&Guest::new().does("read", "(unreachable)"));
    let mut first = plugin.open(bench.open(Mode::Commit)).await.unwrap();
    let mut second = plugin.open(bench.open(Mode::Commit)).await.unwrap();
    assert!(first.read("person", None, 10).await.is_err());
    assert_eq!(second.version("person").await.unwrap(), None);
    assert!(second.broken().is_none());
}

#[tokio::test]
async fn a_crash_within_apply_tells_whether_anything_may_have_been_written() {
    let bench = Bench::new();
    let mut connector = bench.connector(&Guest::new().does("apply", "(unreachable)")).await;
    assert!(!connector.apply(&changes(), HashMap::new()).await.unwrap_err().sent);

    let mut connector = bench.connector(&Guest::new().does("apply", &format!("{APPEND} (unreachable)"))).await;
    let fault = connector.apply(&changes(), HashMap::new()).await.unwrap_err();
    assert!(fault.sent, "{fault}");
    assert_eq!(bench.written(), "in");
    assert_eq!(connector.requests(), 1);
    assert!(
        !connector.apply(&changes(), HashMap::new()).await.unwrap_err().sent,
        "the second time, nothing was even tried"
    );
}

#[tokio::test]
async fn a_call_that_was_dropped_halfway_breaks_the_connector() {
    let bench = Bench::new();
    let mut connector = bench.connector(&Guest::new().does("read", LOOP)).await;
    let cut = tokio::time::timeout(Duration::from_millis(50), connector.read("person", None, 10)).await;
    assert!(cut.is_err());
    let fault = connector.check().await.unwrap_err();
    assert!(fault.message.ends_with("cannot go on, since an earlier call was cut off"), "{fault}");
    assert!(connector.broken().is_some());
}

#[tokio::test]
async fn a_flood_of_log_lines_is_swallowed() {
    let body = format!(
        "(loop $more
            (call $log (i32.const 1) (i32.const 3050) (i32.const 20) (i32.const 0) (i32.const 0))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $more (i32.lt_u (local.get $i) (i32.const 20000))))
        {EMPTY_PAGE}"
    );
    let guest = Guest::new().with(r#"(data (i32.const 3050) "\1b[2J of 860221-2394!")"#).does("read", &body);
    let bench = Bench::new();
    let heard = Heard::default();
    let _listening = tracing::subscriber::set_default(heard.clone());
    let mut connector = bench.connector(&guest).await;
    connector.read("person", None, 10).await.unwrap();
    drop(connector);
    let lines = heard.0.lock().unwrap();
    let said = "message= of [number]! system=\"test\" plugin=\"hostile 1.0.0\"";
    let whole = lines.iter().filter(|line| line.as_str() == said).count();
    assert!((1000..10_000).contains(&whole), "{whole} of 20000 lines came through: {:?}", lines.first());
    assert!(lines.last().unwrap().contains("lines were left out: too many at once"), "{:?}", lines.last());
}

/// Every line of the log, as the fields that were given.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl tracing::Subscriber for Heard {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "sluss::connector"
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        struct Fields(Vec<String>);
        impl tracing::field::Visit for Fields {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                self.0.push(format!("{}={value:?}", field.name()));
            }
        }
        let mut fields = Fields(Vec::new());
        event.record(&mut fields);
        self.0.lock().unwrap().push(fields.0.join(" "));
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}
