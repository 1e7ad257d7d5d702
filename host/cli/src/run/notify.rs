//! After the changes: whatever is to be told is put into mails, and they are sent, one after the other over one
//! connection. What is wrong with one mail stays with that mail; what is wrong with the server leaves the rest for the
//! next run.

use super::ground::{Ground, now};
use super::{settle, tell};
use crate::error::CliError;
use crate::message::{self, Clerk, Gathered, Office, Reply, Server, Stop, compose, gather};
use crate::report::Messages;
use sluss_engine::fault::Fault;
use sluss_engine::finding::{Finding, Subject};
use sluss_engine::policy::{InDoubt, Language, MessageRule};
use sluss_store::{Mail, MailState, NEVER};

/// What the server that takes mail is called where systems are told of. No system can be called so.
const SERVER: &str = "the mail server";
/// What events that nobody could be told of are parked under.
pub const MESSAGE: &str = "message";
/// What mails are parked under.
pub const MAIL: &str = "mail";
/// For how many days it is remembered what was told.
const MEMORY: i32 = 400;
/// How often a mail is put off before somebody should look.
const PATIENCE: u32 = 2;

/// How many mails the plan and what is left over would make. The transaction is to be rolled back.
pub fn foretell(ground: &mut Ground<'_>) -> Result<u64, CliError> {
    let Some(office) = ground.office.take() else { return Ok(0) };
    let foreseen = tell::planned(ground)?;
    let clerk = Clerk::new(&ground.store, ground.policy, ground.day, Some(foreseen))?;
    let suspended = &ground.suspended;
    gather(&mut ground.store, &clerk, office.config.from.email.domain(), |target| suspended.contains_key(target))?;
    ground.office = Some(office);
    Ok(ground.store.post()?.waiting)
}

/// Tells people what is to be told.
pub async fn people(ground: &mut Ground<'_>, messages: &mut Messages) -> Result<(), CliError> {
    let result = told(ground, messages).await;
    let post = ground.store.post()?;
    messages.waiting = post.waiting + post.untold;
    result
}

async fn told(ground: &mut Ground<'_>, messages: &mut Messages) -> Result<(), CliError> {
    let post = ground.store.post()?;
    if post.waiting + post.untold + post.stuck == 0 {
        return Ok(());
    }
    let clerk = Clerk::new(&ground.store, ground.policy, ground.day, None)?;
    ground.store.begin()?;
    left_over(ground, &clerk)?;
    // Without messages in the policy there is no server either, and whatever was left over is gone now.
    let Some(office) = ground.office.take() else { return Ok(ground.store.commit()?) };
    let suspended = &ground.suspended;
    let domain = office.config.from.email.domain();
    let gathered = gather(&mut ground.store, &clerk, domain, |target| suspended.contains_key(target))?;
    untold(ground, gathered)?;
    ground.store.forget_told(ground.today().saturating_sub(MEMORY))?;
    let mails = ground.store.mails(MailState::Waiting, ground.today())?;
    ground.store.commit()?;
    let limit = usize::try_from(office.config.limit).unwrap_or(usize::MAX);
    if mails.len() > limit {
        let message = format!("{} mails wait, and a run sends {limit} at most", mails.len());
        let advice = "the next runs go on with them; `limit` in [mail] says how many a run sends";
        ground.findings.push(Finding::note(Subject::System(SERVER.to_owned()), message).advise(advice));
    }
    ground.progress.stage("telling people", Some(mails.len().min(limit) as u64));
    let mut server = Server::new(office.config.clone());
    for mail in mails.into_iter().take(limit) {
        ground.progress.advance(1);
        match one(ground, &clerk, &office, &mut server, &mail).await? {
            Went::Sent => messages.sent += 1,
            Went::Not => {}
            Went::Down(fault) => {
                ground.suspend(SERVER, fault);
                break;
            }
        }
    }
    server.close().await;
    ground.office = Some(office);
    Ok(())
}

/// What became of a mail.
enum Went {
    /// The server took it.
    Sent,
    /// It did not leave; others may.
    Not,
    /// The server is of no use now.
    Down(Fault),
}

async fn one(
    ground: &mut Ground<'_>,
    clerk: &Clerk<'_>,
    office: &Office,
    server: &mut Server,
    mail: &Mail,
) -> Result<Went, CliError> {
    let Some(rule) = clerk.rule(&mail.message) else { return Ok(Went::Not) };
    let mut facts = Vec::new();
    for told in ground.store.told_by(mail.id)? {
        facts.extend(clerk.facts(&ground.store, &told, rule)?);
    }
    if facts.is_empty() {
        // What it was to tell is no longer so.
        discard(ground, mail)?;
        return Ok(Went::Not);
    }
    let language = Language::of(&mail.language).unwrap_or(Language::Swedish);
    let written = office.templates.subject(rule, language, &facts).and_then(|subject| {
        let text = office.templates.text(rule, language, &facts)?;
        let to = message::address(&mail.recipient).ok_or_else(|| "its address is none".to_owned())?;
        let contents = compose(&office.config, &to, &mail.name, &subject, &text).map_err(|error| error.to_string())?;
        Ok((to, contents))
    });
    let (to, contents) = match written {
        Ok(written) => written,
        Err(why) => {
            let message = format!("mail {} cannot be written: {why}", mail.id);
            let finding = Finding::failure(of(rule), message).advise("correct the template in the policy");
            put_off(ground, mail, MailState::Waiting, finding)?;
            return Ok(Went::Not);
        }
    };
    let before = match server.offer(&to).await {
        Ok(()) => {
            // From here on nobody knows, until the server has answered.
            mark(ground, mail, MailState::Sending)?;
            server.send(&contents).await
        }
        Err(stop) => Err(stop),
    };
    match before {
        Ok(()) => {
            mark(ground, mail, MailState::Sent)?;
            Ok(Went::Sent)
        }
        Err(Stop::Mail(reply)) => {
            answered(ground, rule, mail, &reply)?;
            Ok(Went::Not)
        }
        Err(Stop::Server(fault)) => {
            mark(ground, mail, MailState::Waiting)?;
            Ok(Went::Down(fault))
        }
        Err(Stop::Unknown(fault)) => {
            ground.store.begin()?;
            doubt(ground, Some(rule), mail)?;
            ground.store.commit()?;
            Ok(Went::Down(fault))
        }
    }
}

/// Notes where a mail stands, at once.
fn mark(ground: &mut Ground<'_>, mail: &Mail, state: MailState) -> Result<(), CliError> {
    ground.store.begin()?;
    ground.store.set_mail(mail.id, state)?;
    if state == MailState::Sent {
        unpark(ground, MAIL, mail.id)?;
    }
    Ok(ground.store.commit()?)
}

fn discard(ground: &mut Ground<'_>, mail: &Mail) -> Result<(), CliError> {
    ground.store.begin()?;
    ground.store.drop_mail(mail.id)?;
    unpark(ground, MAIL, mail.id)?;
    Ok(ground.store.commit()?)
}

/// The server answered that it does not take the mail, or not now.
fn answered(ground: &mut Ground<'_>, rule: &MessageRule, mail: &Mail, reply: &Reply) -> Result<(), CliError> {
    let reader = reader(ground, mail)?;
    // What a server says repeats the address.
    let said = if reader.is_some() { String::new() } else { format!(" {}", reply.text) };
    let to = reader.unwrap_or_else(|| mail.recipient.clone());
    let said = format!("{}{said}", reply.code);
    let (state, finding) = if reply.later {
        let message = format!("the server put mail {} to {to} off: {said}", mail.id);
        let advice = "it is sent again in later runs; `sluss cases` lists it";
        let finding = match mail.tries {
            // Many servers put off whatever comes from a stranger for the first time.
            ..PATIENCE => Finding::note(of(rule), message),
            _ => Finding::warning(of(rule), message),
        };
        (MailState::Waiting, finding.advise(advice))
    } else {
        let message = format!("the server refused mail {} to {to}: {said}", mail.id);
        let advice = "correct the address; it is written anew in later runs, or at once by `sluss cases resolve`";
        (MailState::Refused, Finding::warning(of(rule), message).advise(advice))
    };
    put_off(ground, mail, state, finding)
}

/// Leaves a mail for a later run.
fn put_off(ground: &mut Ground<'_>, mail: &Mail, state: MailState, finding: Finding) -> Result<(), CliError> {
    let (today, tries) = (ground.today(), mail.tries);
    let retry = match (state, tries) {
        (MailState::Refused, 0) => today + 1,
        (MailState::Refused, 1) => today + 2,
        (MailState::Refused, _) => today + 7,
        (_, ..4) => 0,
        (_, 4..7) => today + 1,
        _ => today + 2,
    };
    ground.store.begin()?;
    ground.store.put_off_mail(mail.id, state, retry)?;
    park(ground, MAIL, mail.id, retry, &finding)?;
    ground.store.commit()?;
    ground.findings.push(finding);
    Ok(())
}

/// Nobody knows whether a mail arrived. The policy says what weighs more: that nobody is told twice, or that nobody is
/// left untold.
fn doubt(ground: &mut Ground<'_>, rule: Option<&MessageRule>, mail: &Mail) -> Result<(), CliError> {
    let subject = rule.map_or_else(|| Subject::System(SERVER.to_owned()), of);
    let to = reader(ground, mail)?.unwrap_or_else(|| mail.recipient.clone());
    if rule.is_some_and(|rule| rule.in_doubt == InDoubt::Again) {
        ground.store.set_mail(mail.id, MailState::Waiting)?;
        let message = format!("nobody knows whether mail {} to {to} arrived; it is sent again", mail.id);
        let advice = format!("should it come twice, both have the Message-ID {}", mail.name);
        ground.findings.push(Finding::note(subject, message).advise(advice));
        return Ok(());
    }
    ground.store.set_mail(mail.id, MailState::Doubtful)?;
    let message = format!("nobody knows whether mail {} to {to} arrived", mail.id);
    let advice = format!(
        "look for the Message-ID {} in the server's log, or ask: `sluss cases resolve mail/{}` sends it again, with \
         `--drop` it is left at that",
        mail.name, mail.id
    );
    let finding = Finding::warning(subject, message).advise(advice);
    park(ground, MAIL, mail.id, NEVER, &finding)?;
    ground.findings.push(finding);
    Ok(())
}

/// What earlier runs left: mails that were on their way when a run broke off, mails to be written anew, and what the
/// policy has no rule for any more.
fn left_over(ground: &mut Ground<'_>, clerk: &Clerk<'_>) -> Result<(), CliError> {
    for mail in ground.store.mails(MailState::Sending, NEVER)? {
        doubt(ground, clerk.rule(&mail.message), &mail)?;
    }
    for mail in ground.store.mails(MailState::Refused, ground.today())? {
        // Its reader may have another address by now.
        ground.store.take_mail_back(mail.id)?;
        unpark(ground, MAIL, mail.id)?;
    }
    let mut unruled = 0_u64;
    for mail in ground.store.mails(MailState::Waiting, NEVER)? {
        if clerk.rule(&mail.message).is_none() {
            ground.store.drop_mail(mail.id)?;
            unpark(ground, MAIL, mail.id)?;
            unruled += 1;
        }
    }
    for told in ground.store.untold(NEVER)?.iter().filter(|told| clerk.rule(&told.message).is_none()) {
        ground.store.tell_no_more(told.id)?;
        unpark(ground, MESSAGE, told.id)?;
        unruled += 1;
    }
    if unruled > 0 {
        let message = format!("{unruled} of what was to be told is not: the policy no longer has its message");
        ground.findings.push(Finding::note(Subject::Rule("message".to_owned()), message));
    }
    Ok(())
}

/// Parks what could be told to nobody, and takes out of its parking place what could.
fn untold(ground: &mut Ground<'_>, gathered: Gathered) -> Result<(), CliError> {
    for event in gathered.told {
        unpark(ground, MESSAGE, event)?;
    }
    for (told, finding) in gathered.untold {
        let retry = settle::retry(ground.today(), told.tries + 1);
        ground.store.retell(told.id, retry)?;
        park(ground, MESSAGE, told.id, retry, &finding)?;
        ground.findings.push(finding);
    }
    Ok(())
}

fn park(ground: &mut Ground<'_>, scope: &str, id: u64, retry: i32, finding: &Finding) -> Result<(), CliError> {
    let text = serde_json::to_string(finding).map_err(CliError::internal)?;
    let id = id.to_string();
    ground.store.park(scope, &id, &now(), |_| retry, &text)?;
    ground.parked.insert((scope.to_owned(), id));
    Ok(())
}

fn unpark(ground: &mut Ground<'_>, scope: &str, id: u64) -> Result<(), CliError> {
    let id = id.to_string();
    if ground.parked.remove(&(scope.to_owned(), id.clone())) {
        ground.store.unpark(scope, &id)?;
    }
    Ok(())
}

/// What a reader is called whose address nobody shall see.
fn reader(ground: &Ground<'_>, mail: &Mail) -> Result<Option<String>, CliError> {
    let Some(reader) = mail.reader else { return Ok(None) };
    Ok(ground.store.is_protected(reader)?.then(|| format!("person {}", reader.0)))
}

fn of(rule: &MessageRule) -> Subject {
    Subject::Rule(format!("message.{}", rule.name))
}
