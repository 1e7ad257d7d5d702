//! The two classes, as the connector describes them. Their attributes are called as Active Directory calls them, but for
//! the few that say in plain words what it keeps as numbers.

use sluss_sdk::{AttributeInfo, AttributeTraits, ClassInfo};

/// Whether an object can be used.
pub const ENABLED: &str = "enabled";
/// Where it stands.
pub const CONTAINER: &str = "container";
/// The last day of an account.
pub const EXPIRES: &str = "expires";
/// What a group is for.
pub const KIND: &str = "kind";
/// How far a group reaches.
pub const SCOPE: &str = "scope";
/// Whether the mailbox of an account is in Exchange Online.
pub const REMOTE_MAILBOX: &str = "remote-mailbox";

/// An account.
pub fn user() -> ClassInfo {
    let text = AttributeInfo::text;
    ClassInfo::new(
        "user",
        "A person's account. Other attributes of the domain's schema can be used too, as extensionAttribute1 to 15 of \
         Exchange and msDS-cloudExtensionAttribute1 to 20",
    )
    .attribute(account("The user name, of 20 characters at most"))
    .attribute(folded(text("userPrincipalName", "The name to log in with, in the form of a mail address").unique()))
    .attribute(text("cn", "The name of the entry; the user name unless given"))
    .attribute(text("givenName", "The given name"))
    .attribute(text("sn", "The surname"))
    .attribute(text("displayName", "The name to show"))
    .attribute(folded(text("mail", "The mail address").unique()))
    .attribute(text("proxyAddresses", "All mail addresses: the first as SMTP:a@b.se, the others as smtp:c@b.se").many())
    .attribute(text("employeeID", "The number of the person"))
    .attribute(text("employeeNumber", "The number of the employee"))
    .attribute(text("department", "The unit"))
    .attribute(text("company", "The organisation"))
    .attribute(text("title", "The title"))
    .attribute(text("physicalDeliveryOfficeName", "The office"))
    .attribute(text("telephoneNumber", "The telephone number"))
    .attribute(text("mobile", "The mobile number"))
    .attribute(text("description", "A description"))
    .attribute(text("info", "Notes"))
    .attribute(AttributeInfo::reference("manager", "user", "The manager's account"))
    .attribute(AttributeInfo::date(EXPIRES, "The last day on which the account can be used, by Swedish clocks"))
    .attribute(AttributeInfo::boolean(ENABLED, "Whether the account can be used"))
    .attribute(AttributeInfo::boolean(
        REMOTE_MAILBOX,
        "Whether the account's mailbox is in Exchange Online; needs the setting `exchange`",
    ))
    .attribute(container())
    .attribute(own("objectGUID", "What the directory calls it for ever, which is also its id"))
    .attribute(own("objectSid", "The security identifier"))
    .open()
    .writable()
}

/// A group.
pub fn group() -> ClassInfo {
    let text = AttributeInfo::text;
    ClassInfo::new("group", "A group of accounts")
        .attribute(account("The name of the group"))
        .attribute(text("cn", "The name of the entry; the name of the group unless given"))
        .attribute(text("displayName", "The name to show"))
        .attribute(text("description", "A description"))
        .attribute(folded(text("mail", "The mail address").unique()))
        .attribute(
            text(KIND, "`security`, which is what it is unless given, or `distribution`")
                .with(AttributeTraits::CREATE_ONLY),
        )
        .attribute(
            text(SCOPE, "`global`, which is what it is unless given, `domain-local` or `universal`")
                .with(AttributeTraits::CREATE_ONLY),
        )
        .attribute(AttributeInfo::reference("member", "user", "The accounts that belong to it").many())
        .attribute(AttributeInfo::reference("managedBy", "user", "Who answers for it"))
        .attribute(container())
        .attribute(own("objectGUID", "What the directory calls it for ever, which is also its id"))
        .attribute(own("objectSid", "The security identifier"))
        .open()
        .writable()
}

fn account(description: &str) -> AttributeInfo {
    folded(AttributeInfo::text("sAMAccountName", description).required().unique())
}

fn container() -> AttributeInfo {
    folded(AttributeInfo::text(
        CONTAINER,
        "Where it stands, relative to the base, as `OU=North,OU=People`; the class's container unless given",
    ))
}

fn folded(attribute: AttributeInfo) -> AttributeInfo {
    attribute.with(AttributeTraits::CASE_IGNORE)
}

fn own(name: &str, description: &str) -> AttributeInfo {
    AttributeInfo::text(name, description).with(AttributeTraits::READ_ONLY)
}
