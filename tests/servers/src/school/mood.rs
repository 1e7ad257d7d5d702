//! How a school system behaves, one question after the other.

use anyhow::{Result, anyhow, bail};
use bytes::Bytes;
use hyper::Response;
use hyper::body::{Body, Frame};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// What a system does with one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mood {
    /// Answers as it should.
    Well,
    /// Answers, but only after this time.
    Slow(Duration),
    /// Closes the connection without a word.
    Cut,
    /// Closes the connection in the middle of its answer.
    Torn,
    /// Answers with a status and nothing else, and says after how many seconds to come back.
    Status(u16, Option<u32>),
    /// Says that it failed, as its interface does.
    Fails,
    /// Answers with something that is not of its format.
    Malformed,
    /// Answers with the first half of what it has to say, as if it were all.
    Half,
    /// Answers with entities that become more than a machine holds.
    Bomb,
    /// Answers with an entity that is somewhere else.
    External,
    /// Answers with 200 levels of nesting.
    Nested,
    /// Answers with a text of ten million letters.
    Enormous,
    /// Answers with what it answered last.
    Repeats,
    /// Answers that there is nobody.
    Empty,
}

/// The body of an answer, which may break off.
pub struct Spoilt {
    pieces: Box<dyn Iterator<Item = Bytes> + Send>,
    is_torn: bool,
}

impl Spoilt {
    /// A body in pieces.
    pub fn pieces(pieces: impl Iterator<Item = Bytes> + Send + 'static) -> Spoilt {
        Spoilt { pieces: Box::new(pieces), is_torn: false }
    }
}

impl Body for Spoilt {
    type Data = Bytes;
    type Error = anyhow::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>>>> {
        Poll::Ready(match self.pieces.next() {
            Some(piece) => Some(Ok(Frame::data(piece))),
            None if self.is_torn => Some(Err(anyhow!("the connection is cut"))),
            None => None,
        })
    }
}

/// An answer in this mood, of a text that would be right.
pub fn answer(mood: &Mood, kind: &str, text: String) -> Result<Response<Spoilt>> {
    let mut status = 200;
    let mut builder = Response::builder();
    let mut is_torn = false;
    let text = match mood {
        Mood::Cut => bail!("the connection is cut"),
        Mood::Status(own, after) => {
            status = *own;
            if let Some(seconds) = after {
                builder = builder.header("retry-after", seconds.to_string());
            }
            "198602212394 Hemlig".to_owned()
        }
        Mood::Torn => {
            is_torn = true;
            half(&text)
        }
        Mood::Half => half(&text),
        Mood::Malformed => text.replacen("</", "<", 1),
        Mood::Bomb => {
            let entities: String = ["a", "b", "c", "d"]
                .windows(2)
                .map(|pair| format!("<!ENTITY {} \"{}\">", pair[1], format!("&{};", pair[0]).repeat(100)))
                .collect();
            inside(&text, &format!("<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\">{entities}]>"), "&d;")
        }
        Mood::External => inside(&text, "<!DOCTYPE x [<!ENTITY d SYSTEM \"file:///etc/passwd\">]>", "&d;"),
        Mood::Nested => inside(&text, "", &("<a>".repeat(200) + &"</a>".repeat(200))),
        Mood::Enormous => inside(&text, "", &"x".repeat(10_000_000)),
        Mood::Well | Mood::Slow(_) | Mood::Fails | Mood::Repeats | Mood::Empty => text,
    };
    let body = Spoilt { is_torn, ..Spoilt::pieces(std::iter::once(Bytes::from(text))) };
    Ok(builder.status(status).header("content-type", kind).body(body)?)
}

fn half(text: &str) -> String {
    text[..text.floor_char_boundary(text.len() / 2)].to_owned()
}

/// The text with something behind its prolog, and something else before its first end tag.
fn inside(text: &str, head: &str, body: &str) -> String {
    text.replacen("?>", &format!("?>{head}"), 1).replacen("</", &format!("{body}</"), 1)
}
