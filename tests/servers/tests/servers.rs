//! The servers of the tests do what the tests rely on.

use anyhow::{Result, ensure};
use sluss_test_servers::slapd::{READER, SUFFIX};
use sluss_test_servers::{Options, Proxy, Slapd, Wire};
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
