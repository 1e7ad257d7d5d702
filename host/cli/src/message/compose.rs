//! One mail as it travels: headers and text, in the form that every server and reader takes.

use crate::config::MailConfig;
use lettre::Address;
use lettre::message::Mailbox;
use lettre::message::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};

/// Headers that keep machines from answering: the standard one, and the one that Exchange heeds.
const UNANSWERED: [(&str, &str); 2] = [("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "All")];

/// Writes a mail with this Message-ID.
pub fn compose(
    config: &MailConfig,
    to: &Address,
    name: &str,
    subject: &str,
    text: &str,
) -> Result<Vec<u8>, lettre::error::Error> {
    let mut mail = Message::builder()
        .from(config.from.clone())
        .to(Mailbox::new(None, to.clone()))
        .subject(subject)
        .message_id(Some(name.to_owned()))
        .header(ContentType::TEXT_PLAIN);
    if let Some(reply_to) = &config.reply_to {
        mail = mail.reply_to(reply_to.clone());
    }
    for (header, value) in UNANSWERED {
        mail = mail.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(header), value.to_owned()));
    }
    // Its last line end comes with the end of the mail.
    Ok(mail.body(text.trim_end().to_owned())?.formatted())
}
