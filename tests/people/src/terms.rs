//! The file of terms that the population register sends: a post for each person, and in it a line for each term.

/// The personal number that a post is about.
pub const NUMBER: &str = "01001";
/// The coordination number that a post is about.
pub const COORDINATION: &str = "01002";
/// The secrecy marking (sekretessmarkering), J or N.
pub const SECRECY: &str = "01003";
/// Which of the first names is used.
pub const NAME_MARK: &str = "01011";
/// All first names.
pub const FIRST_NAMES: &str = "01012";
/// The middle name.
pub const MIDDLE_NAME: &str = "01013";
/// The family name.
pub const FAMILY_NAME: &str = "01014";
/// The protected registration (skyddad folkbokföring), J or N.
pub const REGISTRATION: &str = "01020";

/// A person's post, of terms and their values. A term without a value is left out.
pub fn post<'t>(terms: impl IntoIterator<Item = (&'t str, &'t str)>) -> String {
    let said = terms.into_iter().filter(|(_, value)| !value.is_empty());
    let lines: String = said.map(|(term, value)| format!("#UP {term} {value}\r\n")).collect();
    format!("#POST_START\r\n{lines}#POST_SLUT\r\n")
}

/// A file of posts.
pub fn file(posts: impl IntoIterator<Item = String>) -> String {
    let posts: String = posts.into_iter().collect();
    format!("#FILTYP PROV\r\n{posts}#SLUT\r\n")
}
