//! What belongs to Exchange: an account whose mailbox is in Exchange Online, as Exchange on the premises marks it.
//!
//! Microsoft supports nothing but Exchange's own tools for these attributes, so they are written only where the operator
//! has said so.

/// The attribute that says most of it.
pub const DETAILS: &str = "msExchRecipientTypeDetails";
/// A user whose mailbox is elsewhere.
const REMOTE_USER: &str = "2147483648";
/// What Exchange itself writes for a mailbox that is to be made in Exchange Online.
pub const REMOTE: [(&str, &str); 3] =
    [("msExchRemoteRecipientType", "1"), ("msExchRecipientDisplayType", "-2147483642"), (DETAILS, REMOTE_USER)];

/// Whether a value of [`DETAILS`] says that the mailbox is in Exchange Online.
pub fn is_remote(details: Option<&[u8]>) -> bool {
    details == Some(REMOTE_USER.as_bytes())
}

/// Whether an attribute is Exchange's.
pub fn owns(attribute: &str) -> bool {
    let lower = attribute.to_ascii_lowercase();
    lower.starts_with("msexch") || matches!(lower.as_str(), "mailnickname" | "targetaddress")
}
