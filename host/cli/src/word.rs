//! Finds the word that a mistyped one was probably meant to be.

/// The option that is nearest to `word`, if any is near enough to be meant.
pub fn closest<'o>(word: &str, options: impl IntoIterator<Item = &'o str>) -> Option<&'o str> {
    let word = word.to_lowercase();
    options
        .into_iter()
        .map(|option| (strsim::damerau_levenshtein(&word, &option.to_lowercase()), option))
        .filter(|(distance, option)| distance * 3 <= option.chars().count().max(word.chars().count()).max(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, option)| option)
}

/// A suggestion, or else the whole choice.
pub fn suggest<'o>(word: &str, options: impl IntoIterator<Item = &'o str>) -> Option<String> {
    let options: Vec<&str> = options.into_iter().collect();
    match closest(word, options.iter().copied()) {
        Some(option) => Some(format!("did you mean `{option}`?")),
        None if options.is_empty() => None,
        None => Some(format!("there is: {}", options.join(", "))),
    }
}
