//! A small web server over TLS, on a free loopback port, whose answers a function gives.

use crate::certificate::Identity;
use anyhow::Result;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

/// A question with its whole body.
pub type Question = Request<Bytes>;

/// An answer.
pub type Answer = Response<Full<Bytes>>;

/// The server. It ends when it is dropped.
pub struct Https {
    address: SocketAddr,
    listener: AbortHandle,
}

impl Https {
    /// Starts a server that shows this identity as `localhost`, and demands a certificate of the authority from every
    /// client if one is given. A failure instead of an answer closes the connection without a word.
    pub async fn start<F, R, B>(identity: &Identity, clients: Option<&Path>, answer: F) -> Result<Https>
    where
        F: Fn(Question) -> R + Clone + Send + Sync + 'static,
        R: Future<Output = Result<Response<B>>> + Send + 'static,
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let acceptor = TlsAcceptor::from(Arc::new(tls(identity, clients)?));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(acceptor.clone(), stream, answer.clone()));
            }
        });
        Ok(Https { address, listener: task.abort_handle() })
    }

    /// The port that it listens to.
    pub fn port(&self) -> u16 {
        self.address.port()
    }
}

impl Drop for Https {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

fn tls(identity: &Identity, clients: Option<&Path>) -> Result<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_file(authority)?)?;
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build()?)
        }
    };
    let chain = vec![CertificateDer::from_pem_file(&identity.certificate)?];
    Ok(builder.with_single_cert(chain, PrivateKeyDer::from_pem_file(&identity.key)?)?)
}

async fn serve<F, R, B>(acceptor: TlsAcceptor, stream: TcpStream, answer: F)
where
    F: Fn(Question) -> R + Clone,
    R: Future<Output = Result<Response<B>>>,
    B: Body<Data = Bytes> + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    // A client that shows no certificate ends here.
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let service = service_fn(|request: Request<Incoming>| {
        let answer = answer.clone();
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            answer(Request::from_parts(parts, body)).await
        }
    });
    // Whoever asked sees for himself that the connection ended.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}
