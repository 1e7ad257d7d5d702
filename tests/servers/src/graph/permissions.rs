//! What whoever asks may do: the permissions that an administrator consented to.

use super::fault::Fault;
use super::tenant::Tenant;

/// Everything that the stand-in knows of.
pub const ALL: [&str; 12] = [
    "User.ReadWrite.All",
    "User-PasswordProfile.ReadWrite.All",
    "User-LifeCycleInfo.ReadWrite.All",
    "User.RevokeSessions.All",
    "User.DeleteRestore.All",
    "User.Invite.All",
    "Group.ReadWrite.All",
    "GroupMember.ReadWrite.All",
    "LicenseAssignment.ReadWrite.All",
    "MailboxSettings.Read",
    "Organization.Read.All",
    "Domain.Read.All",
];

/// Refuses what none of the permissions allows.
pub fn check(tenant: &Tenant, is_write: bool, segments: &[String]) -> Result<(), Fault> {
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let enough: &[&str] = match (segments.as_slice(), is_write) {
        (["users", _, "assignLicense" | "reprocessLicenseAssignment"], _) => {
            &["LicenseAssignment.ReadWrite.All", "User.ReadWrite.All", "Directory.ReadWrite.All"]
        }
        (["groups", _, "assignLicense"], _) => {
            &["LicenseAssignment.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"]
        }
        (["users", _, "revokeSignInSessions"], _) => {
            &["User.RevokeSessions.All", "User.ReadWrite.All", "Directory.ReadWrite.All"]
        }
        (["users", _, "mailboxSettings"], _) => &["MailboxSettings.Read", "MailboxSettings.ReadWrite"],
        (["users", ..], false) => {
            &["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"]
        }
        (["users", ..], true) => &["User.ReadWrite.All", "Directory.ReadWrite.All"],
        (["groups", _, "members", ..], true) => {
            &["GroupMember.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"]
        }
        (["groups", ..], false) => &[
            "GroupMember.Read.All",
            "GroupMember.ReadWrite.All",
            "Group.Read.All",
            "Group.ReadWrite.All",
            "Directory.Read.All",
            "Directory.ReadWrite.All",
        ],
        (["groups", ..], true) => &["Group.ReadWrite.All", "Directory.ReadWrite.All"],
        (["directory" | "directoryObjects", ..], false) => {
            &["User.Read.All", "User.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All", "Directory.Read.All"]
        }
        (["directory", ..], true) => &["User.DeleteRestore.All", "User.ReadWrite.All", "Group.ReadWrite.All"],
        (["invitations"], _) => &["User.Invite.All", "User.ReadWrite.All", "Directory.ReadWrite.All"],
        (["subscribedSkus"], _) => &[
            "LicenseAssignment.Read.All",
            "LicenseAssignment.ReadWrite.All",
            "Organization.Read.All",
            "Directory.Read.All",
        ],
        (["organization"], _) => &["Organization.Read.All", "Directory.Read.All"],
        (["domains"], _) => &["Domain.Read.All", "Directory.Read.All"],
        _ => return Ok(()),
    };
    if enough.iter().any(|name| tenant.permissions.contains(*name)) { Ok(()) } else { Err(Fault::denied()) }
}
