//! What an operator may say about the register.

use crate::text::Encoding;
use schemars::JsonSchema;
use serde::Deserialize;
use sluss_sdk::Error;
use std::collections::BTreeMap;

/// Which way the register is asked, and on whose behalf.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// Which way the register is asked: by the older web service, by the newer one, or from a file that it sent.
    pub interface: Interface,
    /// The name of the HTTP connection. Needed for `soap` and `rest`.
    #[serde(default)]
    pub connection: String,
    /// The municipality's organisation number, as it stands in the order. Needed for `soap` and `rest`.
    #[serde(default)]
    pub organisation: String,
    /// The identity of the order (beställningsidentitet). Needed for `soap` and `rest`.
    #[serde(default)]
    pub order: String,
    /// The name of the files connection: the folder that the file is put in. Needed for `file`.
    #[serde(default)]
    pub folder: String,
    /// The name of the file.
    #[serde(default = "file")]
    pub file: String,
    /// How letters are written in the file.
    #[serde(default)]
    #[schemars(extend("default" = "windows-1252"))]
    pub encoding: Encoding,
    /// The numbers of the file's terms, beside those that are published: attribute to number.
    #[serde(default)]
    pub terms: BTreeMap<String, String>,
    /// Whether a post without any mark of protection is that of an unprotected person. Otherwise everybody counts as
    /// protected of whom the register does not plainly say no. For `soap` and `file`; `rest` always says.
    #[serde(default)]
    pub unmarked_is_unprotected: bool,
    /// Whether the registered address of unprotected persons is read.
    #[serde(default)]
    pub addresses: bool,
    /// After how many seconds no further question is asked in one call of the host, which then asks again for the rest.
    /// With the connection's `timeout` it has to stay below the system's limit `call`.
    #[serde(default = "seconds")]
    pub seconds: u32,
    /// After how many days without a new file `check` warns.
    #[serde(default = "stale_days")]
    pub stale_days: u32,
}

/// A way to ask the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Interface {
    /// The SOAP service ePersondata V4: one person a question.
    Soap,
    /// The REST service v3: up to 900 persons a question.
    Rest,
    /// A file of terms.
    File,
}

/// The order on whose behalf the register is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The organisation number, with its leading 16.
    pub organisation: String,
    /// The order's identity.
    pub id: String,
}

impl Settings {
    /// The order, checked. The schema cannot say that it is needed for some interfaces only.
    pub fn order(&self) -> Result<Order, Error> {
        let digits: String = self.organisation.chars().filter(|sign| *sign != '-').collect();
        let organisation = match digits.len() {
            10 => format!("16{digits}"),
            _ => digits,
        };
        if organisation.len() != 12 || !organisation.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::config("`organisation` has to be an organisation number of 10 or 12 digits"));
        }
        let is_order = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if self.order.is_empty() || self.order.len() > 18 || !self.order.bytes().all(is_order) {
            return Err(Error::config("`order` has to be the order's identity, such as 00000236-FO01-0001"));
        }
        Ok(Order { organisation, id: self.order.clone() })
    }
}

fn file() -> String {
    "navet.txt".to_owned()
}

fn seconds() -> u32 {
    25
}

fn stale_days() -> u32 {
    7
}
