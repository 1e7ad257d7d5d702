//! A gate before the service that lets every request through but those that are told to fare otherwise: answered by
//! somebody else, or carried out and never answered.
//!
//! The service itself never fails on demand, and a wire that is cut cuts questions as well as changes.

use anyhow::{Context as _, Result};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How a request fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fare {
    /// It is carried out, and its answer reaches nobody.
    Lost,
    /// It is answered with this status before the service hears of it, with so many seconds to wait.
    Refused(u16, u32),
    /// It is carried out, and answered with this status all the same.
    Denied(u16),
}

/// What is to happen: to the next request whose line begins so (`POST /v2/Users`).
type Plans = Arc<Mutex<Vec<(String, Fare)>>>;

/// A gate on a loopback port of its own.
pub struct Gate {
    address: SocketAddr,
    plans: Plans,
    is_over: Arc<AtomicBool>,
}

impl Gate {
    /// A gate before the service on this port.
    pub fn start(port: u16) -> Result<Gate> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let (plans, is_over) = (Plans::default(), Arc::new(AtomicBool::new(false)));
        let (own, end) = (Arc::clone(&plans), Arc::clone(&is_over));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if end.load(Ordering::Relaxed) {
                    break;
                }
                let plans = Arc::clone(&own);
                // A client that goes away is no fault of the gate.
                std::thread::spawn(move || pass(client, port, &plans).ok());
            }
        });
        Ok(Gate { address, plans, is_over })
    }

    /// The port that clients connect to.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Has the next request fare so whose line begins with this.
    pub fn next(&self, line: &str, fare: Fare) {
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        plans.push((line.to_owned(), fare));
    }

    /// Lets every request through from now on.
    pub fn clear(&self) {
        self.plans.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// How many requests have still to come that were to fare otherwise.
    pub fn left(&self) -> usize {
        self.plans.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        // Wakes it up, so that it sees.
        drop(TcpStream::connect(self.address));
    }
}

fn pass(mut client: TcpStream, port: u16, plans: &Plans) -> Result<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        let length = client.read(&mut buffer)?;
        anyhow::ensure!(length > 0, "the client went away");
        request.extend_from_slice(&buffer[..length]);
        let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
        if request.len() >= end + 4 + length.unwrap_or(0) {
            break;
        }
    }
    let fare = {
        let mut plans = plans.lock().unwrap_or_else(PoisonError::into_inner);
        let at = plans.iter().position(|(line, _)| request.starts_with(line.as_bytes()));
        at.map(|at| plans.remove(at).1)
    };
    let says = |status: u16, wait: u32| {
        format!("HTTP/1.1 {status} Odd\r\nRetry-After: {wait}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    };
    if let Some(Fare::Refused(status, wait)) = fare {
        return Ok(client.write_all(says(status, wait).as_bytes())?);
    }
    let mut service = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).context("the service is away")?;
    service.write_all(&request)?;
    // The service speaks HTTP/1.0: an answer ends when it closes.
    let mut answer = Vec::new();
    service.read_to_end(&mut answer)?;
    match fare {
        Some(Fare::Lost) => {}
        Some(Fare::Denied(status)) => client.write_all(says(status, 0).as_bytes())?,
        _ => client.write_all(&answer)?,
    }
    Ok(())
}
