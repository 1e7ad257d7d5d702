//! Glue for `files`.
//!
//! A disk can take its time, and flushing always does: the work is done on a thread that may wait, so that other
//! connectors go on and the call's own deadline holds.

use crate::bindings::host::files::{Host, Info};
use crate::bindings::host::types::Error;
use crate::capability::files::Folder;
use crate::convert;
use crate::description::{Access, ConnectionKind};
use crate::grants::Connection;
use crate::state::State;
use sluss_engine::fault::{Fault, FaultKind};
use std::sync::Arc;

type Answer<T> = wasmtime::Result<Result<T, Error>>;

impl State {
    fn folder(&mut self, name: &str, access: Access) -> Result<Arc<Folder>, Fault> {
        let Connection::Files(config) = self.admit(name, ConnectionKind::Files, access)? else {
            return Err(Fault::new(FaultKind::Internal, "the judge let another kind of connection pass"));
        };
        if let Some(folder) = self.folders.get(name) {
            return Ok(Arc::clone(folder));
        }
        let folder = Arc::new(Folder::open(name, config)?);
        self.folders.insert(name.to_owned(), Arc::clone(&folder));
        Ok(folder)
    }

    async fn with_folder<T: Send + 'static>(
        &mut self,
        name: &str,
        access: Access,
        work: impl FnOnce(&Folder) -> Result<T, Fault> + Send + 'static,
    ) -> Answer<T> {
        let folder = match self.folder(name, access) {
            Ok(folder) => folder,
            Err(fault) => return Ok(Err(convert::error(fault))),
        };
        self.files += 1;
        let started = self.starts(access);
        let result = tokio::task::spawn_blocking(move || work(&folder)).await?;
        Ok(self.ended(started, result).map_err(convert::error))
    }
}

fn info(info: crate::capability::files::Info) -> Info {
    Info { name: info.name, size: info.size, modified: info.modified }
}

impl Host for State {
    async fn entries(&mut self, folder: String) -> Answer<Vec<Info>> {
        self.with_folder(&folder, Access::Read, |folder| Ok(folder.entries()?.into_iter().map(info).collect())).await
    }

    async fn stat(&mut self, folder: String, name: String) -> Answer<Option<Info>> {
        self.with_folder(&folder, Access::Read, move |folder| Ok(folder.stat(&name)?.map(info))).await
    }

    async fn digest(&mut self, folder: String, name: String) -> Answer<String> {
        self.with_folder(&folder, Access::Read, move |folder| folder.digest(&name)).await
    }

    async fn read(&mut self, folder: String, name: String, offset: u64, max: u32) -> Answer<Vec<u8>> {
        self.with_folder(&folder, Access::Read, move |folder| folder.read(&name, offset, max)).await
    }

    async fn write(&mut self, folder: String, name: String, content: Vec<u8>) -> Answer<()> {
        self.with_folder(&folder, Access::Write, move |folder| folder.write(&name, &content)).await
    }

    async fn append(&mut self, folder: String, name: String, content: Vec<u8>) -> Answer<()> {
        self.with_folder(&folder, Access::Write, move |folder| folder.append(&name, &content)).await
    }

    async fn rename(&mut self, folder: String, name: String, to: String) -> Answer<()> {
        self.with_folder(&folder, Access::Write, move |folder| folder.rename(&name, &to)).await
    }

    async fn remove(&mut self, folder: String, name: String) -> Answer<()> {
        self.with_folder(&folder, Access::Write, move |folder| folder.remove(&name)).await
    }
}
