//! What the full demonstration writes to: a domain controller, the stand-in of Microsoft Graph, and what Microsoft's
//! synchronisation does between the two, every second instead of every half hour.
//!
//! ```text
//! demo-servers FOLDER COMMAND...
//! ```
//!
//! Starts them, puts into the folder what a configuration has to say of them (`servers.env`, as shell variables, and the
//! secrets), runs the command, and ends with it. `servers.txt` in the folder tells what they hold, as they see it.

use anyhow::{Context as _, Result, anyhow, ensure};
use sluss_test_servers::samba::{self, Options, Samba, Tree};
use sluss_test_servers::{Graph, graph};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;
use tokio::sync::Notify;

/// The part of the domain that is written to.
const TOWN: &str = "OU=Kommunerna,DC=ad,DC=test";

/// How often the accounts of the domain are brought into the tenant.
const PAUSE: Duration = Duration::from_secs(1);

fn main() -> Result<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let folder = arguments.next().context("the first argument is the folder")?;
    let program = arguments.next().context("the second argument is the program to run")?;
    let folder = Path::new(&folder).canonicalize().with_context(|| format!("{} is not there", folder.display()))?;
    let runtime = tokio::runtime::Runtime::new()?;
    let (mut server, graph) = runtime.block_on(start(&folder))?;
    runtime.block_on(synchronise(&folder, &server, &graph))?;
    let over = Notify::new();
    let ended = std::thread::scope(|scope| {
        let watching = scope.spawn(|| runtime.block_on(watch(&folder, &server, &graph, &over)));
        let status = Command::new(program).args(arguments).status();
        over.notify_one();
        watching.join().map_err(|_| anyhow!("the synchronisation broke off"))??;
        let code = status.context("the command cannot be run")?.code().and_then(|code| u8::try_from(code).ok());
        Ok::<_, anyhow::Error>(ExitCode::from(code.unwrap_or(u8::MAX)))
    });
    runtime.block_on(server.stop())?;
    ended
}

async fn start(folder: &Path) -> Result<(Samba, Graph)> {
    let server = Samba::start(Options { recycle_bin: true, ..Options::default() }).await?;
    server.add_by_hand(TOWN, &[("objectClass", &["organizationalUnit"])]).await?;
    let keys = folder.join("graph");
    std::fs::create_dir_all(&keys)?;
    let graph = Graph::start(&keys).await?;
    let identity = graph.certificate()?;
    graph.tenant(|tenant| {
        for name in ["sotenas.example", "munkedal.example", "lysekil.example"] {
            let domain = graph::tenant::Domain { name: name.to_owned(), is_verified: true, is_federated: false };
            tenant.domains.push(domain);
        }
        tenant.skus.iter_mut().for_each(|sku| sku.seats = 1_000);
    });
    let said = [
        ("DOMAIN_URL", server.tls_url()),
        ("DOMAIN_CA", server.authority().display().to_string()),
        ("DOMAIN_USER", samba::ADMIN.to_owned()),
        ("DOMAIN_BASE", TOWN.to_owned()),
        ("GRAPH_URL", graph.url()),
        ("GRAPH_CA", graph.authority().display().to_string()),
        ("GRAPH_TOKEN", graph.token()),
        ("GRAPH_CLIENT", graph::CLIENT.0.to_owned()),
        ("GRAPH_CERTIFICATE", identity.certificate.display().to_string()),
        ("GRAPH_KEY", identity.key.display().to_string()),
    ];
    let lines: Vec<String> = said.iter().map(|(name, value)| format!("{name}='{value}'\n")).collect();
    ensure!(said.iter().all(|(_, value)| !value.contains('\'')), "a path with a quotation mark in it");
    std::fs::write(folder.join("servers.env"), lines.concat())?;
    std::fs::write(folder.join("domain-secret"), samba::PASSWORD)?;
    Ok((server, graph))
}

/// Synchronises again and again, until it is over.
async fn watch(folder: &Path, server: &Samba, graph: &Graph, over: &Notify) -> Result<()> {
    while tokio::time::timeout(PAUSE, over.notified()).await.is_err() {
        synchronise(folder, server, graph).await?;
    }
    Ok(())
}

/// Brings the accounts of the domain into the tenant, and tells what both hold.
async fn synchronise(folder: &Path, server: &Samba, graph: &Graph) -> Result<()> {
    let domain = server.dump_below(TOWN).await?;
    let synchronised = graph.tenant(|tenant| tenant.synchronise(&domain));
    synchronised.map_err(|fault| anyhow!("the synchronisation was refused: {}", fault.message))?;
    let place = folder.join("servers.new");
    std::fs::write(&place, told(&domain, graph))?;
    Ok(std::fs::rename(&place, folder.join("servers.txt"))?)
}

fn told(domain: &Tree, graph: &Graph) -> String {
    let count = |class: &str| domain.values().filter(|entry| entry["objectclass"].contains(class)).count();
    let (accounts, groups) = (count("user"), count("group"));
    graph.tenant(|tenant| {
        let open = tenant.users().filter(|user| user.get("accountEnabled") == true).count();
        let licences: Vec<String> = tenant
            .skus
            .iter()
            .map(|sku| format!("{} {}", tenant.seats_taken(&sku.id), sku.name))
            .filter(|text| !text.starts_with("0 "))
            .collect();
        format!(
            "The domain has {accounts} accounts and {groups} groups.\nThe tenant has {} accounts, {open} of them open, and \
             has given {}.\n",
            tenant.users().count(),
            if licences.is_empty() { "no licence".to_owned() } else { licences.join(", ") }
        )
    })
}
