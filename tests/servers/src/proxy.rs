//! A wire between a client and a server that can be slowed, muted and cut.
//!
//! What became of a write whose answer never came is the hardest question that the host has to answer, and no server
//! loses answers on demand.

use anyhow::Result;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

/// How the wire behaves, for open connections as for new ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// Everything passes.
    Pass,
    /// Everything passes, each answer later by so much.
    Slow(Duration),
    /// Answers come a hundred bytes at a time, each later by so much.
    Trickle(Duration),
    /// Requests reach the server, its answers reach nobody.
    Mute,
    /// Open connections are reset, and new ones are reset at once.
    Cut,
}

/// A wire from a loopback port of its own to a server.
pub struct Proxy {
    address: SocketAddr,
    wire: Arc<watch::Sender<Wire>>,
    listener: AbortHandle,
}

impl Proxy {
    /// A wire to this port of the loopback address.
    pub async fn start(port: u16) -> Result<Proxy> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let wire = Arc::new(watch::Sender::new(Wire::Pass));
        let state = Arc::clone(&wire);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                connections.spawn(connect(client, port, state.subscribe()));
            }
        });
        Ok(Proxy { address, wire, listener: task.abort_handle() })
    }

    /// The port that clients connect to.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Makes the wire behave like this from now on.
    pub fn set(&self, wire: Wire) {
        self.wire.send_replace(wire);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

async fn connect(client: TcpStream, port: u16, mut wire: watch::Receiver<Wire>) {
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else { return };
    let (mut client_reads, mut client_writes) = client.into_split();
    let (mut server_reads, mut server_writes) = server.into_split();
    let answers = wire.clone();
    let cut = tokio::select! {
        () = forward(&mut client_reads, &mut server_writes) => false,
        () = answer(&mut server_reads, &mut client_writes, answers) => false,
        state = wire.wait_for(|wire| *wire == Wire::Cut) => state.is_ok(),
    };
    // A lingering time of nought makes the end of the stream a reset instead of an orderly close.
    if cut && client_reads.as_ref().set_zero_linger().is_ok() {
        client_writes.forget();
    }
}

async fn forward(from: &mut OwnedReadHalf, to: &mut OwnedWriteHalf) {
    if tokio::io::copy(from, to).await.is_ok() {
        // A server that is told of the end may still have answers under way; it closes when it has sent them.
        if to.shutdown().await.is_ok() {
            std::future::pending::<()>().await;
        }
    }
}

async fn answer(from: &mut OwnedReadHalf, to: &mut OwnedWriteHalf, wire: watch::Receiver<Wire>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let now = *wire.borrow();
        match now {
            Wire::Mute => continue,
            Wire::Slow(delay) => tokio::time::sleep(delay).await,
            Wire::Trickle(_) | Wire::Pass | Wire::Cut => {}
        }
        let (piece, delay) = if let Wire::Trickle(delay) = now { (100, delay) } else { (length, Duration::ZERO) };
        for piece in buffer[..length].chunks(piece) {
            tokio::time::sleep(delay).await;
            if to.write_all(piece).await.is_err() {
                return;
            }
        }
    }
}
