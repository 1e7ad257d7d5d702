//! The properties of users and groups: what each holds, who may write it, and how it can be searched.
//!
//! From the reference pages of Graph: limits and who writes from those of the resources, what can be filtered from the
//! table of advanced queries, in which a property that is not listed cannot be filtered at all.

use super::object::Kind;

/// What a property holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A text of at most so many characters.
    Text(usize),
    /// So many texts at most.
    Texts(usize),
    /// Yes or no.
    Truth,
    /// A moment.
    Moment,
    /// A number.
    Number,
    /// An object.
    Object,
    /// Objects.
    Objects,
}

/// Who may write a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// Whoever may write the object.
    Yes,
    /// The same, but it cannot be emptied.
    Kept,
    /// Only when the object is made.
    Once,
    /// Only when the object is there.
    Later,
    /// Alone, since it is kept in another service.
    Alone,
    /// Nobody.
    No,
}

/// How a filter may use a property with one operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// Always.
    Plain,
    /// Where the query says that it bears old answers, and counts.
    Advanced,
    /// Not.
    None,
}

/// The operators of a filter that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `eq`
    Equal,
    /// `ge` and `gt`
    Least,
    /// `le` and `lt`
    Most,
    /// `in`
    In,
    /// `startsWith`
    StartsWith,
    /// `eq null`
    Null,
}

/// A property.
#[derive(Debug, Clone, Copy)]
pub struct Property {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// Who may write it.
    pub write: Write,
    /// Whether it is told without being asked for.
    pub told: bool,
    /// Whether a directory on premises owns it where that owns the object.
    pub owned: bool,
    /// For `eq`, `ge`, `le`, `in`, `startsWith` and null: D is plain, A is advanced.
    filter: &'static str,
}

impl Property {
    /// How a filter may use it.
    pub fn support(&self, operator: Operator) -> Support {
        match self.filter.as_bytes().get(operator as usize) {
            Some(b'D') => Support::Plain,
            Some(b'A') => Support::Advanced,
            _ => Support::None,
        }
    }

    /// Whether `endsWith` works, which is always advanced.
    pub fn ends_with(&self) -> bool {
        matches!(self.name, "mail" | "otherMails" | "userPrincipalName" | "proxyAddresses")
    }
}

const fn property(name: &'static str, shape: Shape, write: Write, filter: &'static str) -> Property {
    Property { name, shape, write, told: false, owned: true, filter }
}

const fn told(property: Property) -> Property {
    Property { told: true, ..property }
}

/// Belongs to the cloud also where the rest is owned by a directory on premises.
const fn free(property: Property) -> Property {
    Property { owned: false, ..property }
}

use Shape::{Moment, Number, Object, Objects, Text, Texts, Truth};
use Write::{Alone, Kept, Later, No, Once, Yes};

/// More than any text of these is.
const LONG: usize = 32_000;
/// More than any collection of these has.
const MANY: usize = 1_000;

const USER: &[Property] = &[
    told(property("id", Text(36), No, "D--D--")),
    property("accountEnabled", Truth, Kept, "DAAD--"),
    free(property("ageGroup", Text(20), Yes, "D--D--")),
    property("assignedLicenses", Objects, No, "D-----"),
    property("assignedPlans", Objects, No, "D-----"),
    property("authorizationInfo", Object, Yes, "A-----"),
    told(property("businessPhones", Texts(1), Yes, "D-----")),
    property("city", Text(128), Yes, "DD-DDA"),
    property("companyName", Text(64), Yes, "AAAAAA"),
    free(property("consentProvidedForMinor", Text(20), Yes, "D--D--")),
    property("country", Text(128), Yes, "DDDDDA"),
    property("createdDateTime", Moment, No, "DDDA--"),
    property("creationType", Text(64), No, "D--D--"),
    property("deletedDateTime", Moment, No, "DDDA--"),
    property("department", Text(64), Yes, "DDDDDA"),
    told(property("displayName", Text(256), Kept, "D--DDA")),
    free(property("employeeHireDate", Moment, Yes, "AAAA--")),
    property("employeeId", Text(16), Yes, "D-ADDA"),
    free(property("employeeLeaveDateTime", Moment, Yes, "AAAA--")),
    property("employeeOrgData", Object, Yes, "AAAA--"),
    property("employeeType", Text(64), Yes, "AAAAA-"),
    property("externalUserState", Text(64), No, "A--A--"),
    property("externalUserStateChangeDateTime", Moment, No, "A--A--"),
    property("faxNumber", Text(64), Yes, "AAAAAA"),
    told(property("givenName", Text(64), Yes, "DDDDDA")),
    property("identities", Objects, Yes, "D-----"),
    property("imAddresses", Texts(MANY), No, "DDD-D-"),
    property("isManagementRestricted", Truth, No, "------"),
    property("isResourceAccount", Truth, Once, "D-----"),
    told(property("jobTitle", Text(128), Yes, "DDDD-A")),
    property("lastPasswordChangeDateTime", Moment, No, "------"),
    property("legalAgeGroupClassification", Text(64), No, "------"),
    property("licenseAssignmentStates", Objects, No, "------"),
    told(property("mail", Text(320), Yes, "DDDDDA")),
    property("mailNickname", Text(64), Kept, "DDDDDA"),
    told(property("mobilePhone", Text(64), Yes, "AAAAAA")),
    told(property("officeLocation", Text(128), Yes, "AAAAAA")),
    property("onPremisesDistinguishedName", Text(LONG), No, "------"),
    property("onPremisesDomainName", Text(LONG), No, "------"),
    property("onPremisesExtensionAttributes", Object, Yes, "AAAA-A"),
    property("onPremisesImmutableId", Text(256), Yes, "AAAA--"),
    property("onPremisesLastSyncDateTime", Moment, No, "AAAA--"),
    property("onPremisesProvisioningErrors", Objects, No, "------"),
    property("onPremisesSamAccountName", Text(LONG), No, "AAAAA-"),
    property("onPremisesSecurityIdentifier", Text(LONG), No, "D--D-A"),
    property("onPremisesSyncEnabled", Truth, No, "DAAD-A"),
    property("onPremisesUserPrincipalName", Text(LONG), No, "DDDDD-"),
    free(property("otherMails", Texts(250), Yes, "DDDDD-")),
    free(property("passwordPolicies", Text(64), Yes, "A----A")),
    property("postalCode", Text(40), Yes, "AAAAAA"),
    free(property("preferredDataLocation", Text(64), Yes, "------")),
    told(property("preferredLanguage", Text(64), Yes, "AAAAAA")),
    property("provisionedPlans", Objects, No, "------"),
    property("proxyAddresses", Texts(MANY), No, "DDD-DA"),
    property("securityIdentifier", Text(LONG), No, "------"),
    property("serviceProvisioningErrors", Objects, No, "------"),
    property("showInAddressList", Truth, Yes, "AAAA--"),
    property("signInSessionsValidFromDateTime", Moment, No, "------"),
    property("state", Text(128), Yes, "DDDDDA"),
    property("streetAddress", Text(1024), Yes, "AAAAAA"),
    told(property("surname", Text(64), Yes, "DDDDDA")),
    free(property("usageLocation", Text(2), Kept, "DDDDD-")),
    told(property("userPrincipalName", Text(113), Kept, "D-DDD-")),
    free(property("userType", Text(16), Yes, "D--D-A")),
    free(property("aboutMe", Text(LONG), Alone, "------")),
    free(property("birthday", Moment, Alone, "------")),
    free(property("hireDate", Moment, Alone, "------")),
    free(property("interests", Texts(MANY), Alone, "------")),
    free(property("mySite", Text(LONG), Alone, "------")),
    free(property("pastProjects", Texts(MANY), Alone, "------")),
    free(property("preferredName", Text(LONG), Alone, "------")),
    free(property("responsibilities", Texts(MANY), Alone, "------")),
    free(property("schools", Texts(MANY), Alone, "------")),
    free(property("skills", Texts(MANY), Alone, "------")),
];

const GROUP: &[Property] = &[
    told(property("id", Text(36), No, "D--D--")),
    property("allowExternalSenders", Truth, Later, "------"),
    property("assignedLabels", Objects, Yes, "------"),
    property("assignedLicenses", Objects, No, "D-----"),
    property("autoSubscribeNewMembers", Truth, Later, "------"),
    told(property("classification", Text(64), Yes, "AAAAA-")),
    told(property("createdDateTime", Moment, No, "AAAA--")),
    told(property("deletedDateTime", Moment, No, "AAAA--")),
    told(property("description", Text(1024), Yes, "AAAAAA")),
    told(property("displayName", Text(256), Kept, "DDDDDA")),
    told(property("expirationDateTime", Moment, No, "AAAA--")),
    told(property("groupTypes", Texts(2), Once, "D-----")),
    property("hasMembersWithLicenseErrors", Truth, No, "D-----"),
    property("hideFromAddressLists", Truth, Later, "------"),
    property("hideFromOutlookClients", Truth, Later, "------"),
    property("infoCatalogs", Texts(MANY), No, "------"),
    told(property("isAssignableToRole", Truth, Once, "D-----")),
    property("isSubscribedByMail", Truth, Later, "------"),
    property("licenseProcessingState", Object, No, "------"),
    told(property("mail", Text(320), No, "DDDDDA")),
    told(property("mailEnabled", Truth, Kept, "D--D--")),
    told(property("mailNickname", Text(64), Kept, "DDDDDA")),
    told(property("membershipRule", Text(3072), Yes, "AAAAA-")),
    told(property("membershipRuleProcessingState", Text(64), Yes, "A--A--")),
    told(property("onPremisesDomainName", Text(LONG), No, "------")),
    property("onPremisesExtensionAttributes", Object, Yes, "------"),
    told(property("onPremisesLastSyncDateTime", Moment, No, "AAAA--")),
    told(property("onPremisesNetBiosName", Text(LONG), No, "------")),
    told(property("onPremisesProvisioningErrors", Objects, No, "------")),
    told(property("onPremisesSamAccountName", Text(LONG), No, "AAAAA-")),
    told(property("onPremisesSecurityIdentifier", Text(LONG), No, "D--D-A")),
    told(property("onPremisesSyncEnabled", Truth, No, "D--D-A")),
    told(property("preferredDataLocation", Text(64), Yes, "AAAAA-")),
    told(property("preferredLanguage", Text(64), Yes, "AAAAA-")),
    told(property("proxyAddresses", Texts(MANY), No, "DDD-DA")),
    told(property("renewedDateTime", Moment, No, "AAAA--")),
    told(property("resourceBehaviorOptions", Texts(MANY), Once, "------")),
    told(property("resourceProvisioningOptions", Texts(MANY), Once, "D-----")),
    told(property("securityEnabled", Truth, Kept, "D--D--")),
    told(property("securityIdentifier", Text(LONG), No, "D--D--")),
    told(property("serviceProvisioningErrors", Objects, No, "------")),
    told(property("theme", Text(64), Yes, "------")),
    property("uniqueName", Text(128), Once, "D-----"),
    property("unseenCount", Number, Later, "------"),
    told(property("visibility", Text(64), Yes, "------")),
];

/// All properties of a kind of object.
pub fn all(kind: Kind) -> &'static [Property] {
    match kind {
        Kind::User => USER,
        Kind::Group => GROUP,
    }
}

/// A property by its name, whose letters may be of any size as in a query.
pub fn find(kind: Kind, name: &str) -> Option<&'static Property> {
    all(kind).iter().find(|property| property.name.eq_ignore_ascii_case(name))
}
