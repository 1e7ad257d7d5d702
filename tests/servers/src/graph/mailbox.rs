//! Mailboxes, which come some time after the licence.

use super::call::Call;
use super::fault::{Fault, Reply};
use super::tenant::Tenant;
use serde_json::json;

/// The settings of a user's mailbox, once there is one.
pub fn settings(tenant: &Tenant, call: &Call, id: &str) -> Result<Reply, Fault> {
    let now = tenant.now();
    match tenant.objects.get(id).and_then(|user| user.mailbox) {
        Some(ready) if ready <= now => {
            let context = format!("{}/$metadata#users('{id}')/mailboxSettings", call.base);
            Ok(Reply::json(
                200,
                json!({
                    "@odata.context": context,
                    "archiveFolder": null,
                    "timeZone": "W. Europe Standard Time",
                    "dateFormat": "yyyy-MM-dd",
                    "timeFormat": "HH:mm",
                    "userPurpose": "user",
                    "language": {"locale": "sv-SE", "displayName": "Swedish (Sweden)"},
                }),
            ))
        }
        _ => Err(Fault::new(
            404,
            "MailboxNotEnabledForRESTAPI",
            "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
        )),
    }
}
