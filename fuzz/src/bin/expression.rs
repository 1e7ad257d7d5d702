//! One expression of a policy: it is refused, or has the same answer by both ways of evaluating it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluss_engine::policy::{Policy, load};
use sluss_fuzz::people;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some(policy) = policy(text) else { return };
    let told = people::told(&policy);
    // What stands in a list and is taken out again is always evaluated by CEL, and never in the fast form.
    let Some(slow) = self::policy(&format!("[{text}\n][0]")) else { return };
    for (fast, slow) in told.iter().zip(people::told(&slow)) {
        assert_eq!(fast.as_ref().ok(), slow.as_ref().ok(), "the two ways differ");
    }
});

/// A policy with an account whose only attribute is this, if it can be one.
fn policy(expression: &str) -> Option<Policy> {
    let quoted: String = expression.chars().map(|letter| format!("\\U{:08X}", u32::from(letter))).collect();
    let text = format!(
        "[table.organisation.1427]\nname = 'Sotenäs'\nsize = 9000\ncoast = true\n[table.organisation.1484]\nname = ''\n\
         [name.user]\ncandidates = ['person.given']\n\
         [account.a]\ntarget = 't'\nclass = 'c'\n[account.a.attributes]\na = \"{quoted}\"\n"
    );
    load(&[("policy.toml".to_owned(), text)]).ok()
}
