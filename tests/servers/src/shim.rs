//! A wire to a domain controller that understands what passes, counts it, and is as strict as Windows is.
//!
//! Samba gives all entries and all values at once and takes user names of any length; and no server is busy, refers
//! elsewhere or hangs up on demand. So this ends the encryption on both sides and looks at every message.

use crate::certificate::Authority;
use crate::samba::{Samba, trust};
use anyhow::{Context, Result};
use bytes::BytesMut;
use ldap3::asn1::{PL, StructureTag, TagClass, parse_tag, write};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use std::collections::{BTreeMap, HashMap};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// The most entries that one answer has (MaxPageSize).
const MOST_ENTRIES: usize = 1_000;
/// The most values of an attribute that one answer has (MaxValRange).
const MOST_VALUES: usize = 1_500;
/// The most characters of a user's name.
const LONGEST_NAME: usize = 20;
const PAGES: &[u8] = b"1.2.840.113556.1.4.319";
/// What ends a connection in so many words.
const NOTICE: &[u8] = b"1.3.6.1.4.1.1466.20036";

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// To log in.
    Bind,
    /// To read.
    Search,
    /// To make an entry.
    Add,
    /// To change one.
    Modify,
    /// To rename or move one.
    Rename,
    /// To remove one.
    Delete,
    /// Anything else.
    Other,
}

impl Kind {
    /// Whether it writes.
    pub fn writes(self) -> bool {
        matches!(self, Kind::Add | Kind::Modify | Kind::Rename | Kind::Delete)
    }

    fn of(id: u64) -> Option<Kind> {
        match id {
            0 => Some(Kind::Bind),
            3 => Some(Kind::Search),
            6 => Some(Kind::Modify),
            8 => Some(Kind::Add),
            10 => Some(Kind::Delete),
            12 => Some(Kind::Rename),
            14 | 16 | 23 => Some(Kind::Other),
            _ => None,
        }
    }
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The server says that it is busy.
    Busy,
    /// The server says that it is not available.
    Unavailable,
    /// The server says to ask another one.
    Referral,
    /// The connection is cut before the server hears of the request.
    Cut,
    /// The server carries the request out, and the connection is cut before it can say so.
    Lost,
    /// The server says that it hangs up, and does.
    Notice,
}

/// A fault that waits for requests of a kind.
#[derive(Debug, Clone, Copy)]
struct Trap {
    fault: Fault,
    kind: Kind,
    skip: u64,
    times: u64,
}

struct Seen {
    counts: BTreeMap<Kind, u64>,
    traps: Vec<Trap>,
    /// Whether open accounts are refused that have no password.
    wants_passwords: bool,
}

impl Seen {
    /// Counts a request. What goes wrong with it is told.
    fn count(&mut self, kind: Kind) -> Option<Fault> {
        *self.counts.entry(kind).or_default() += 1;
        let trap = self.traps.iter_mut().find(|trap| trap.kind == kind && trap.times > 0)?;
        if trap.skip > 0 {
            trap.skip -= 1;
            return None;
        }
        trap.times -= 1;
        Some(trap.fault)
    }
}

/// The wire, on a free port of `localhost`.
pub struct Shim {
    _folder: TempDir,
    authority: PathBuf,
    address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    listener: AbortHandle,
}

impl Shim {
    /// A wire to this domain controller.
    pub async fn start(server: &Samba) -> Result<Shim> {
        let folder = tempfile::Builder::new().prefix("shim").tempdir()?;
        let authority = Authority::new(folder.path())?;
        let identity = authority.server(&["localhost", "127.0.0.1"])?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from_pem_file(&identity.certificate)?],
                PrivateKeyDer::from_pem_file(&identity.key)?,
            )?;
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let connector = TlsConnector::from(trust(server.authority())?);
        let behind = SocketAddr::from((server.address(), 636));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let seen = Arc::new(Mutex::new(Seen { counts: BTreeMap::new(), traps: Vec::new(), wants_passwords: true }));
        let shared = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let (acceptor, connector) = (acceptor.clone(), connector.clone());
                let seen = Arc::clone(&shared);
                // Either side sees for itself that the connection ended.
                connections.spawn(async move { drop(connect(client, behind, acceptor, connector, seen).await) });
            }
        });
        let listener = task.abort_handle();
        Ok(Shim { _folder: folder, authority: authority.certificate(), address, seen, listener })
    }

    /// The address that clients connect to.
    pub fn url(&self) -> String {
        format!("ldaps://localhost:{}", self.address.port())
    }

    /// The certificate of the authority that a client has to trust.
    pub fn authority(&self) -> PathBuf {
        self.authority.clone()
    }

    /// How many requests of each kind came.
    pub fn counts(&self) -> BTreeMap<Kind, u64> {
        self.seen().counts.clone()
    }

    /// How many requests came that write.
    pub fn writes(&self) -> u64 {
        self.counts().into_iter().filter(|(kind, _)| kind.writes()).map(|(_, count)| count).sum()
    }

    /// How many requests came.
    pub fn requests(&self) -> u64 {
        self.counts().into_values().sum()
    }

    /// Has something go wrong with requests of a kind: after so many, with so many.
    pub fn inject(&self, fault: Fault, kind: Kind, skip: u64, times: u64) {
        self.seen().traps.push(Trap { fault, kind, skip, times });
    }

    /// Whether open accounts are refused that have no password, as Windows does.
    pub fn wants_passwords(&self, wanted: bool) {
        self.seen().wants_passwords = wanted;
    }

    /// Has nothing more go wrong.
    pub fn heal(&self) {
        self.seen().traps.clear();
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Shim {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

/// What is known of the searches under way on a connection, by the numbers of their messages.
#[derive(Default)]
struct Searches(Mutex<HashMap<Vec<u8>, Search>>);

struct Search {
    is_paged: bool,
    entries: usize,
}

async fn connect(
    client: TcpStream,
    behind: SocketAddr,
    acceptor: TlsAcceptor,
    connector: TlsConnector,
    seen: Arc<Mutex<Seen>>,
) -> Result<()> {
    let client = acceptor.accept(client).await?;
    let server = TcpStream::connect(behind).await?;
    let server = connector.connect(ServerName::from(behind.ip()), server).await?;
    let (mut client_reads, client_writes) = tokio::io::split(client);
    let (mut server_reads, mut server_writes) = tokio::io::split(server);
    let (answers, waiting) = unbounded_channel();
    let searches = Searches::default();
    let cut = tokio::sync::Notify::new();
    tokio::select! {
        ended = requests(&mut client_reads, &mut server_writes, &answers, &seen, &searches, &cut) => {
            ended?;
            // The client has asked for nothing more; what it still waits for may come.
        }
        ended = responses(&mut server_reads, &answers, &searches, &cut) => ended?,
        ended = send(waiting, client_writes) => ended?,
    }
    Ok(())
}

/// Writes answers to the client, in the order in which they come from either side.
async fn send(mut waiting: UnboundedReceiver<Vec<u8>>, mut to: impl AsyncWrite + Unpin) -> Result<()> {
    while let Some(bytes) = waiting.recv().await {
        to.write_all(&bytes).await?;
        to.flush().await?;
    }
    Ok(())
}

async fn requests(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    answers: &UnboundedSender<Vec<u8>>,
    seen: &Mutex<Seen>,
    searches: &Searches,
    cut: &tokio::sync::Notify,
) -> Result<()> {
    while let Some(bytes) = message(from).await? {
        let mut parts = parts(&bytes)?;
        let (id, operation) = (payload(&parts[0]), parts[1].id);
        let Some(kind) = Kind::of(operation) else {
            to.write_all(&bytes).await?;
            to.flush().await?;
            continue;
        };
        let (fault, wants_passwords) = {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            (seen.count(kind), seen.wants_passwords)
        };
        let refused = fault.and_then(refusal).or_else(|| strict(&parts[1], wants_passwords));
        if let Some((code, words)) = refused {
            answers.send(result(&parts[0], operation, code, words)?)?;
            continue;
        }
        match fault {
            Some(Fault::Notice) => {
                answers.send(notice()?)?;
                // Time for it to be written.
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                return Ok(());
            }
            Some(Fault::Cut) => return Ok(()),
            Some(Fault::Lost) => {
                to.write_all(&bytes).await?;
                to.flush().await?;
                // The next answer is the one that is lost.
                cut.notify_one();
                std::future::pending::<()>().await;
            }
            _ => {}
        }
        let mut bytes = bytes;
        if kind == Kind::Search {
            let is_paged = limit_page(&mut parts);
            if is_paged {
                bytes = written(StructureTag { id: 16, class: TagClass::Universal, payload: PL::C(parts) })?;
            }
            let mut under_way = searches.0.lock().unwrap_or_else(PoisonError::into_inner);
            under_way.insert(id, Search { is_paged, entries: 0 });
        }
        to.write_all(&bytes).await?;
        to.flush().await?;
    }
    // A client that hangs up is heard of by the server, which may still have answers under way.
    to.shutdown().await?;
    std::future::pending::<()>().await;
    Ok(())
}

async fn responses(
    from: &mut (impl AsyncRead + Unpin),
    answers: &UnboundedSender<Vec<u8>>,
    searches: &Searches,
    cut: &tokio::sync::Notify,
) -> Result<()> {
    loop {
        let bytes = tokio::select! {
            bytes = message(from) => bytes?,
            () = cut.notified() => {
                // What the server says last is heard by nobody.
                message(from).await?;
                return Ok(());
            }
        };
        let Some(bytes) = bytes else { return Ok(()) };
        let mut parts = parts(&bytes)?;
        let id = payload(&parts[0]);
        let mut under_way = searches.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = match (parts[1].id, under_way.get_mut(&id)) {
            (4, Some(search)) => {
                search.entries += 1;
                if !search.is_paged && search.entries > MOST_ENTRIES {
                    continue;
                }
                match limit_values(&mut parts[1]) {
                    true => written(StructureTag { id: 16, class: TagClass::Universal, payload: PL::C(parts) })?,
                    false => bytes,
                }
            }
            (5, Some(search)) => {
                let is_too_much = !search.is_paged && search.entries > MOST_ENTRIES;
                under_way.remove(&id);
                match is_too_much {
                    true => result(&parts[0], 3, 4, "0000202E: the answer has more entries than one may have")?,
                    false => bytes,
                }
            }
            _ => bytes,
        };
        drop(under_way);
        answers.send(bytes)?;
    }
}

/// The next message as it stands on the wire; none at the end.
async fn message(from: &mut (impl AsyncRead + Unpin)) -> Result<Option<Vec<u8>>> {
    let mut bytes = vec![0; 2];
    if from.read_exact(&mut bytes).await.is_err() {
        return Ok(None);
    }
    let mut length = usize::from(bytes[1]);
    if length >= 128 {
        let digits = length - 128;
        anyhow::ensure!(digits <= 8, "a message of impossible length");
        let start = bytes.len();
        bytes.resize(start + digits, 0);
        from.read_exact(&mut bytes[start..]).await?;
        length = bytes[start..].iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    }
    let start = bytes.len();
    bytes.resize(start + length, 0);
    from.read_exact(&mut bytes[start..]).await?;
    Ok(Some(bytes))
}

/// A message's number, its operation and perhaps its controls.
fn parts(bytes: &[u8]) -> Result<Vec<StructureTag>> {
    let (_, message) = parse_tag(bytes).map_err(|_| anyhow::anyhow!("this is no LDAP message"))?;
    let parts = message.expect_constructed().context("a message is a sequence")?;
    anyhow::ensure!(parts.len() >= 2, "a message has a number and an operation");
    Ok(parts)
}

fn payload(tag: &StructureTag) -> Vec<u8> {
    match &tag.payload {
        PL::P(bytes) => bytes.clone(),
        PL::C(_) => Vec::new(),
    }
}

fn inside(tag: &StructureTag) -> &[StructureTag] {
    match &tag.payload {
        PL::C(inside) => inside,
        PL::P(_) => &[],
    }
}

fn written(tag: StructureTag) -> Result<Vec<u8>> {
    let mut bytes = BytesMut::new();
    write::encode_into(&mut bytes, tag)?;
    Ok(bytes.to_vec())
}

fn primitive(id: u64, class: TagClass, bytes: impl Into<Vec<u8>>) -> StructureTag {
    StructureTag { id, class, payload: PL::P(bytes.into()) }
}

fn constructed(id: u64, class: TagClass, inside: Vec<StructureTag>) -> StructureTag {
    StructureTag { id, class, payload: PL::C(inside) }
}

fn octets(bytes: impl Into<Vec<u8>>) -> StructureTag {
    primitive(4, TagClass::Universal, bytes)
}

/// The result of an operation with this code.
fn result(number: &StructureTag, operation: u64, code: u8, words: &str) -> Result<Vec<u8>> {
    let response = match operation {
        0 => 1,
        3 => 5,
        23 => 24,
        other => other + 1,
    };
    let mut fields = vec![primitive(10, TagClass::Universal, [code]), octets(""), octets(words)];
    if code == 10 {
        fields.push(constructed(3, TagClass::Context, vec![octets("ldap://dc2.ad.test/DC=ad,DC=test")]));
    }
    let message = vec![number.clone(), constructed(response, TagClass::Application, fields)];
    written(constructed(16, TagClass::Universal, message))
}

fn notice() -> Result<Vec<u8>> {
    let fields = vec![
        primitive(10, TagClass::Universal, [52]),
        octets(""),
        octets("00000000: LdapErr: DSID-0C0C0095, comment: the server is shutting down, data 0, v4563"),
        primitive(10, TagClass::Context, NOTICE),
    ];
    let message = vec![primitive(2, TagClass::Universal, [0]), constructed(24, TagClass::Application, fields)];
    written(constructed(16, TagClass::Universal, message))
}

/// What the server says where that is all that goes wrong.
fn refusal(fault: Fault) -> Option<(u8, &'static str)> {
    match fault {
        Fault::Busy => Some((51, "0000200E: SvcErr: DSID-0315066B, problem 5001 (BUSY), data 0")),
        Fault::Unavailable => Some((52, "0000200F: SvcErr: DSID-0315066C, problem 5002 (UNAVAILABLE), data 0")),
        Fault::Referral => Some((10, "0000202B: RefErr: DSID-03100835, data 0, 1 access points")),
        Fault::Cut | Fault::Lost | Fault::Notice => None,
    }
}

/// What Windows refuses and Samba does not.
fn strict(operation: &StructureTag, wants_passwords: bool) -> Option<(u8, &'static str)> {
    if operation.id != 8 {
        return None;
    }
    let attributes: HashMap<String, Vec<Vec<u8>>> = inside(inside(operation).get(1)?)
        .iter()
        .filter_map(|attribute| match inside(attribute) {
            [name, values] => {
                let name = String::from_utf8_lossy(&payload(name)).to_lowercase();
                Some((name, inside(values).iter().map(payload).collect()))
            }
            _ => None,
        })
        .collect();
    let first = |name: &str| attributes.get(name).and_then(|values| values.first());
    let is_user = attributes.get("objectclass")?.iter().any(|class| class.eq_ignore_ascii_case(b"user"));
    let name = first("samaccountname").map(|name| String::from_utf8_lossy(name).chars().count());
    if is_user && name.is_some_and(|length| length > LONGEST_NAME) {
        return Some((
            19,
            "00002082: AtrErr: DSID-03151907, #1:\n\t0: 00002082: problem 1005 (CONSTRAINT_ATT_TYPE), data 0",
        ));
    }
    let control: Option<u32> =
        first("useraccountcontrol").and_then(|bits| std::str::from_utf8(bits).ok()?.parse().ok());
    let is_open = control.is_some_and(|bits| bits & 2 == 0);
    (wants_passwords && is_user && is_open && first("unicodepwd").is_none())
        .then_some((53, "0000052D: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0"))
}

/// Has a search ask for no more entries at once than it may. Whether it asks for pages is told.
fn limit_page(parts: &mut [StructureTag]) -> bool {
    let Some(StructureTag { payload: PL::C(controls), .. }) = parts.get_mut(2) else { return false };
    for control in controls {
        let PL::C(fields) = &mut control.payload else { continue };
        if fields.first().is_none_or(|name| payload(name) != PAGES) {
            continue;
        }
        let Some(value) = fields.last_mut() else { continue };
        let Ok((_, mut wanted)) = parse_tag(&payload(value)) else { continue };
        if let PL::C(inside) = &mut wanted.payload
            && let Some(size) = inside.first_mut()
            && payload(size).iter().fold(0, |size, byte| size << 8 | usize::from(*byte)) > MOST_ENTRIES
        {
            *size = primitive(2, TagClass::Universal, (MOST_ENTRIES as u16).to_be_bytes());
            if let Ok(bytes) = written(wanted) {
                *value = octets(bytes);
            }
        }
        return true;
    }
    false
}

/// Cuts long lists of values to a range. Whether there were any is told.
fn limit_values(entry: &mut StructureTag) -> bool {
    let PL::C(fields) = &mut entry.payload else { return false };
    let Some(StructureTag { payload: PL::C(attributes), .. }) = fields.get_mut(1) else { return false };
    let mut emptied = Vec::new();
    for attribute in attributes.iter_mut() {
        let PL::C(parts) = &mut attribute.payload else { continue };
        let [name, StructureTag { payload: PL::C(values), .. }] = parts.as_mut_slice() else { continue };
        if values.len() <= MOST_VALUES {
            continue;
        }
        let told = String::from_utf8_lossy(&payload(name)).into_owned();
        let (plain, range) = told.split_once(";range=").unwrap_or((&told, "0-*"));
        let first: usize = range.split('-').next().and_then(|first| first.parse().ok()).unwrap_or(0);
        values.truncate(MOST_VALUES);
        if plain == told {
            emptied.push(plain.to_owned());
        }
        *name = octets(format!("{plain};range={first}-{}", first + MOST_VALUES - 1));
    }
    let is_cut = !emptied.is_empty() || attributes.iter().any(is_ranged);
    for name in emptied {
        let none = constructed(17, TagClass::Universal, Vec::new());
        attributes.push(constructed(16, TagClass::Universal, vec![octets(name), none]));
    }
    is_cut
}

fn is_ranged(attribute: &StructureTag) -> bool {
    inside(attribute).first().is_some_and(|name| String::from_utf8_lossy(&payload(name)).contains(";range="))
}
