//! The servers of the tests do what the tests rely on.

use anyhow::{Result, ensure};
use sluss_test_servers::slapd::{READER, SUFFIX};
use sluss_test_servers::smtp::Mood;
use sluss_test_servers::{Options, Proxy, Slapd, Smtp, Wire};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[tokio::test]
async fn a_directory_keeps_what_it_answered_and_counts_only_others() -> Result<()> {
    let mut slapd = Slapd::start(Options { durable: true, overlays: true, ..Options::default() }).await?;
    let person = format!("uid=anna,ou=people,{SUFFIX}");
    let attributes: [(&str, &[&str]); 4] =
        [("objectClass", &["inetOrgPerson"]), ("uid", &["anna"]), ("cn", &["Anna Ek"]), ("sn", &["Ek"])];
    slapd.add_by_hand(&person, &attributes).await?;
    slapd.modify_by_hand(&person, "title", &["nurse"]).await?;
    assert_eq!((slapd.writes().await?, slapd.operations().await?), (0, 0));

    slapd.kill()?;
    ensure!(slapd.dump().await.is_err(), "a killed server answered");
    slapd.restart().await?;
    let tree = slapd.dump().await?;
    assert!(tree[&person]["title"].contains("nurse"));
    assert!(tree.contains_key(READER));

    slapd.stop().await?;
    slapd.load(&format!("dn: ou=more,{SUFFIX}\nobjectClass: organizationalUnit\nou: more\n"))?;
    slapd.restart().await?;
    slapd.remove_by_hand(&person).await?;
    let tree = slapd.dump().await?;
    assert!(!tree.contains_key(&person) && tree.contains_key(&format!("ou=more,{SUFFIX}")));
    Ok(())
}

#[tokio::test]
async fn a_wire_passes_mutes_and_cuts() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let proxy = Proxy::start(listener.local_addr()?.port()).await?;
    let mut client = TcpStream::connect(("127.0.0.1", proxy.port())).await?;
    let (mut server, _) = listener.accept().await?;
    let mut byte = [0];

    client.write_all(b"a").await?;
    server.read_exact(&mut byte).await?;
    server.write_all(b"b").await?;
    client.read_exact(&mut byte).await?;
    assert_eq!(&byte, b"b");

    proxy.set(Wire::Mute);
    client.write_all(b"c").await?;
    server.read_exact(&mut byte).await?;
    assert_eq!(&byte, b"c");
    server.write_all(b"d").await?;
    let answer = tokio::time::timeout(std::time::Duration::from_millis(200), client.read_exact(&mut byte)).await;
    assert!(answer.is_err(), "a muted wire passed an answer");

    proxy.set(Wire::Cut);
    let end = client.read_exact(&mut byte).await;
    assert_eq!(end.expect_err("the wire was cut").kind(), std::io::ErrorKind::ConnectionReset);
    Ok(())
}

#[test]
fn a_mail_server_keeps_what_it_took_and_says_what_it_was_told_to() -> Result<()> {
    let mut server = Smtp::start(env!("CARGO_TARGET_TMPDIR").as_ref())?;
    assert_eq!(server.by_hand(true, "eva@x.test", "Hej på dig, Åsa!")?, "taken");
    let mails = server.mails()?;
    assert_eq!((mails.len(), mails[0].to(), mails[0].text()), (1, vec!["eva@x.test"], "Hej på dig, Åsa!\n"));
    assert!(mails[0].is_proper() && mails[0].header("subject") == Some("Från handen"));
    assert!(server.by_hand(false, "eva@x.test", "x")?.starts_with("530"));

    server.mood(&Mood::good().recipient("bo", "451 4.7.1 ADDRESS later", Some(1)))?;
    assert_eq!(server.by_hand(true, "bo@x.test", "x")?, "451 4.7.1 bo@x.test later");
    assert_eq!(server.by_hand(true, "bo@x.test", "x")?, "taken");
    server.mood(&Mood::good().sender("553 5.7.1 not you").contents("554 5.6.0 no", None))?;
    assert_eq!(server.by_hand(true, "bo@x.test", "x")?, "553 5.7.1 not you");
    server.mood(&Mood::good().contents("554 5.6.0 no", None))?;
    assert_eq!(server.by_hand(true, "bo@x.test", "x")?, "554 5.6.0 no");
    for (taken, mails) in [(false, 2), (true, 3)] {
        server.mood(&Mood::good().drops(taken, None))?;
        assert_eq!(server.by_hand(true, "bo@x.test", "x")?, "gone");
        assert_eq!(server.mails()?.len(), mails);
    }
    assert!(server.seen("login")? >= 7 && server.seen("refused bo@x.test")? == 1);

    server.kill()?;
    assert_eq!(server.by_hand(true, "bo@x.test", "x")?, "not there");
    server.restart()?;
    server.mood(&Mood::good())?;
    assert_eq!(server.by_hand(true, "bo@x.test", "x")?, "taken");
    assert_eq!(server.mails()?.len(), 4);
    Ok(())
}
