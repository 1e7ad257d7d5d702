//! What is remembered between runs: one SQLite file, which only one run at a time has open for writing.
//!
//! The rooms are one table or two each. Everything that a run decides is written in one transaction, with the journal of
//! its changes, before the first write to any target; what targets answer is settled batch by batch.

mod answers;
mod journal;
mod licences;
mod lock;
mod looks;
mod merges;
mod meta;
mod names;
mod objects;
mod outbox;
mod passwords;
mod persons;
mod records;
mod scan;
mod schema;
mod store;

pub use answers::Answer;
pub use journal::{Body, Entry, Phase};
pub use lock::{Lock, LockError};
pub use looks::Look;
pub use merges::Merge;
pub use meta::{Held, Parked, Run, Shown};
pub use objects::{Draft, Known, Ruled};
pub use outbox::{Mail, MailDraft, MailState, Post, Told};
pub use persons::{Decided, NEVER};
pub use records::{Kept, Record};
pub use scan::{Fingerprint, Marks, Scan, Seen};
pub use store::{Store, StoreError};
