//! One write on the wire, and the edits that count as done because it was so already.
//!
//! To add a value that is there, or to remove one that is not, is no error in the contract, but it is one for most
//! servers. A modification that stumbles over such a value is divided until only the stumbling block is left out. Active
//! Directory says it of members with codes that can mean other things as well, so there the entry is looked at.

use super::fault::{self, code};
use super::fence::Fence;
use super::link::{Link, Links, Reading};
use super::message::{Attribute, Edit, Modification, Operation, Outcome, Write};
use super::order::Touched;
use ldap3::controls::RawControl;
use ldap3::{Ldap, LdapError, LdapResult, Mod, Scope};
use sluss_engine::fault::Fault;
use std::collections::HashSet;

const PERMISSIVE: &str = "1.2.840.113556.1.4.1413";

/// A write that passed the fence, with names as they go on the wire.
#[derive(Debug)]
pub struct Request {
    pub dn: String,
    pub touched: Touched,
    pub body: Body,
}

/// What is done.
#[derive(Debug)]
pub enum Body {
    Add(Vec<Attribute>),
    Modify(Vec<Modification>),
    Rename { rdn: String, parent: Option<String> },
    Remove,
}

impl Request {
    /// Lets a write through the fence.
    pub fn new(write: Write, fence: &Fence) -> Result<Request, Fault> {
        let checked = |mut fault: Fault| {
            fault.object.get_or_insert_with(|| write.dn.clone());
            fault
        };
        let dn = fence.name(&write.dn)?;
        let mut touched = vec![dn.keys()];
        let body = match write.operation {
            Operation::Add(mut attributes) => {
                fence.written(attributes.iter()).map_err(checked)?;
                attributes.retain(|attribute| !attribute.values.is_empty());
                Body::Add(attributes)
            }
            Operation::Modify(mut modifications) => {
                fence.written(modifications.iter().map(|modification| &modification.attribute)).map_err(checked)?;
                modifications.retain(|edit| edit.edit != Edit::Add || !edit.attribute.values.is_empty());
                Body::Modify(modifications)
            }
            Operation::Rename { rdn, parent } => {
                let renamed = fence.renamed(&dn, &rdn, parent.as_deref()).map_err(checked)?;
                touched.push(renamed.keys());
                // The first level of the new name is the new relative name, in the form that was checked.
                let rdn = super::dn::Rdn::parse(&rdn).map_or(rdn, |rdn| rdn.to_string());
                let parent = parent.and_then(|_| renamed.parent()).map(|parent| parent.to_string());
                Body::Rename { rdn, parent }
            }
            Operation::Remove => {
                fence.below(&dn).map_err(checked)?;
                Body::Remove
            }
        };
        Ok(Request { dn: dn.to_string(), touched, body })
    }

    /// The names of the attributes that it writes, in lower case; none for what concerns a whole entry.
    pub fn attributes(&self) -> Option<Vec<String>> {
        let names: Vec<&String> = match &self.body {
            Body::Add(attributes) => attributes.iter().map(|attribute| &attribute.name).collect(),
            Body::Modify(edits) => edits.iter().map(|edit| &edit.attribute.name).collect(),
            Body::Rename { .. } | Body::Remove => return None,
        };
        Some(names.into_iter().map(|name| name.to_lowercase()).collect())
    }

    /// Whether the server could do nothing with it, because nothing is asked.
    pub fn is_empty(&self) -> bool {
        matches!(&self.body, Body::Modify(modifications) if modifications.is_empty())
    }
}

/// What writes go through: a client on a link, of which any number may be at work at once.
pub struct Wire<'a> {
    links: &'a Links,
    ldap: Ldap,
}

impl<'a> Wire<'a> {
    pub fn new(links: &'a Links, link: &Link) -> Self {
        Wire { links, ldap: link.ldap.clone() }
    }

    /// Sends the write and says what became of it.
    pub async fn settle(&mut self, request: &Request, link: &Link) -> Outcome {
        match self.send(request, Vec::new()).await {
            Ok(result) => match (&request.body, result.rc) {
                (_, 0) => Outcome::Done,
                (Body::Modify(modifications), rc) if may_be_so(rc, modifications) => {
                    self.settle_values(request, modifications, link).await
                }
                _ => Outcome::Refused(about(fault::refused(&result), &request.dn)),
            },
            Err(error) => self.lost(&error, &request.dn),
        }
    }

    /// What is known of a write that was not answered.
    pub fn lost(&self, error: &LdapError, dn: &str) -> Outcome {
        match fault::lost_write(error, self.links.url()) {
            Outcome::Refused(fault) => Outcome::Refused(about(fault, dn)),
            Outcome::Unknown(fault) => Outcome::Unknown(about(fault, dn)),
            Outcome::Done => Outcome::Done,
        }
    }

    /// Sends the write once.
    pub async fn send(&mut self, request: &Request, controls: Vec<RawControl>) -> Result<LdapResult, LdapError> {
        let links = self.links;
        match &request.body {
            Body::Add(attributes) => {
                let attributes = attributes
                    .iter()
                    .map(|attribute| (attribute.name.clone().into_bytes(), set(&attribute.values)))
                    .collect();
                links.patiently(self.prepare(controls).add(&request.dn, attributes)).await
            }
            Body::Modify(modifications) => self.modify(&request.dn, modifications, controls).await,
            Body::Rename { rdn, parent } => {
                links.patiently(self.prepare(controls).modifydn(&request.dn, rdn, true, parent.as_deref())).await
            }
            Body::Remove => links.patiently(self.prepare(controls).delete(&request.dn)).await,
        }
    }

    /// The number of the message that was sent last.
    pub fn last_message(&mut self) -> i32 {
        self.ldap.last_id()
    }

    fn prepare(&mut self, controls: Vec<RawControl>) -> &mut Ldap {
        self.links.count();
        if !controls.is_empty() {
            self.ldap.with_controls(controls);
        }
        &mut self.ldap
    }

    async fn modify(
        &mut self,
        dn: &str,
        modifications: &[Modification],
        controls: Vec<RawControl>,
    ) -> Result<LdapResult, LdapError> {
        let modifications = modifications
            .iter()
            .map(|modification| {
                let name = modification.attribute.name.clone().into_bytes();
                let values = set(&modification.attribute.values);
                match modification.edit {
                    Edit::Add => Mod::Add(name, values),
                    Edit::Remove => Mod::Delete(name, values),
                    Edit::Replace => Mod::Replace(name, values),
                }
            })
            .collect();
        let links = self.links;
        links.patiently(self.prepare(controls).modify(dn, modifications)).await
    }

    /// Carries a modification out of which something is so already.
    async fn settle_values(&mut self, request: &Request, modifications: &[Modification], link: &Link) -> Outcome {
        let mut reader = Link { id: link.id, ldap: link.ldap.clone(), read: Reading::default() };
        match self.links.server(&mut reader).await {
            Ok(server) if server.offers("supportedControl", PERMISSIVE) => {
                let control = RawControl { ctype: PERMISSIVE.to_owned(), crit: true, val: None };
                match self.modify(&request.dn, modifications, vec![control]).await {
                    Ok(result) if result.rc == 0 => return Outcome::Done,
                    Ok(result) if may_be_so(result.rc, modifications) => {}
                    Ok(result) => return Outcome::Refused(about(fault::refused(&result), &request.dn)),
                    Err(error) => return self.lost(&error, &request.dn),
                }
            }
            Ok(_) => {}
            Err(fault) => return Outcome::Refused(about(fault, &request.dn)),
        }
        // A stack of parts still to be sent; the first part of the modification is on top.
        let mut parts = vec![singled(modifications)];
        while let Some(mut part) = parts.pop() {
            match self.modify(&request.dn, &part, Vec::new()).await {
                Ok(result) if result.rc == 0 => {}
                Ok(result) if may_be_so(result.rc, &part) => {
                    if part.len() > 1 {
                        let rest = part.split_off(part.len() / 2);
                        parts.extend([rest, part]);
                        continue;
                    }
                    match self.is_so(&request.dn, &part, result.rc).await {
                        Ok(true) => {}
                        Ok(false) => return Outcome::Refused(about(fault::refused(&result), &request.dn)),
                        Err(error) => return self.lost(&error, &request.dn),
                    }
                }
                Ok(result) => return Outcome::Refused(about(fault::refused(&result), &request.dn)),
                Err(error) => return self.lost(&error, &request.dn),
            }
        }
        Outcome::Done
    }

    /// Whether what one value was to become is so already: by what the server said, or else by what the entry holds.
    async fn is_so(&mut self, dn: &str, part: &[Modification], rc: u32) -> Result<bool, LdapError> {
        if matches!(rc, code::NO_SUCH_ATTRIBUTE | code::VALUE_EXISTS) {
            return Ok(true);
        }
        let [Modification { edit, attribute }] = part else { return Ok(false) };
        let [value] = attribute.values.as_slice() else { return Ok(false) };
        let escaped: String = value.iter().map(|byte| format!("\\{byte:02x}")).collect();
        let filter = format!("({}={escaped})", attribute.name);
        self.links.count();
        self.ldap.with_timeout(self.links.timeout());
        let found = self.ldap.search(dn, Scope::Base, &filter, vec!["1.1"]).await?;
        if found.1.rc != 0 {
            return Ok(false);
        }
        let is_there = found.0.iter().any(|entry| !entry.is_ref() && !entry.is_intermediate());
        Ok(is_there == (*edit == Edit::Add))
    }
}

/// Whether a code can say of such modifications that something in them is so already. Of an attribute that the server does
/// not know, Active Directory says what others say of a value that is not there, whatever is done to it.
fn may_be_so(rc: u32, modifications: &[Modification]) -> bool {
    let does = |edit: Edit| modifications.iter().any(|modification| modification.edit == edit);
    match rc {
        code::NO_SUCH_ATTRIBUTE | code::UNWILLING => does(Edit::Remove),
        code::VALUE_EXISTS | code::ENTRY_EXISTS => does(Edit::Add),
        _ => false,
    }
}

/// The same edits with one value each: what is added comes first and what is removed last, so that no entry lacks on
/// the way what its class requires.
fn singled(modifications: &[Modification]) -> Vec<Modification> {
    let mut singled: Vec<Modification> = modifications
        .iter()
        .flat_map(|modification| {
            let whole = modification.edit == Edit::Replace || modification.attribute.values.is_empty();
            let values: Vec<Vec<Vec<u8>>> = match whole {
                true => vec![modification.attribute.values.clone()],
                false => modification.attribute.values.iter().map(|value| vec![value.clone()]).collect(),
            };
            values.into_iter().map(|values| {
                let Attribute { name, is_password, .. } = &modification.attribute;
                let attribute = Attribute { name: name.clone(), values, is_password: *is_password };
                Modification { edit: modification.edit, attribute }
            })
        })
        .collect();
    singled.sort_by_key(|modification| match modification.edit {
        Edit::Replace => 0,
        Edit::Add => 1,
        Edit::Remove => 2,
    });
    singled
}

fn set(values: &[Vec<u8>]) -> HashSet<Vec<u8>> {
    values.iter().cloned().collect()
}

/// The fault, with the entry that it is about.
pub fn about(mut fault: Fault, dn: &str) -> Fault {
    fault.object = Some(dn.to_owned());
    fault
}
