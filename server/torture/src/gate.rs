//! The one address of the shop: each connection goes to one of its servers, by turns, and past those that are down.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

/// Opens the gate: its address.
pub async fn open(servers: Vec<SocketAddr>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut turn = 0;
        while let Ok((stream, _)) = listener.accept().await {
            turn += 1;
            tokio::spawn(lead(stream, servers.clone(), turn));
        }
    });
    address
}

async fn lead(mut caller: TcpStream, servers: Vec<SocketAddr>, turn: usize) {
    for next in 0..servers.len() {
        if let Ok(mut server) = TcpStream::connect(servers[(turn + next) % servers.len()]).await {
            // Whoever is killed or hangs up ends it.
            let _ended = copy_bidirectional(&mut caller, &mut server).await;
            return;
        }
    }
}
