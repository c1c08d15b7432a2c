//! Servers: each line or datagram with a number is answered with the number, the server's name and
//! the sender's address.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{IpAddr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::thread;

/// Longer than any request.
pub(super) const LONGEST: usize = 256;

/// Serves both transports of both families until the process ends.
pub(super) fn serve(name: &str, port: u16) -> io::Result<()> {
    let name: Arc<str> = name.into();
    let everywhere = (Ipv6Addr::UNSPECIFIED, port);
    let listener = TcpListener::bind(everywhere)?;
    let socket = UdpSocket::bind(everywhere)?;
    let datagrams = Arc::clone(&name);
    thread::spawn(move || answer_datagrams(&socket, &datagrams));
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let name = Arc::clone(&name);
            thread::spawn(move || answer_lines(connection, &name));
        }
    });
    Ok(())
}

fn answer(request: &str, name: &str, sender: SocketAddr) -> String {
    let sender: IpAddr = sender.ip().to_canonical();
    format!("{} {name} {sender}\n", request.trim_end())
}

fn answer_lines(mut connection: TcpStream, name: &str) -> io::Result<()> {
    let sender = connection.peer_addr()?;
    let mut reader = BufReader::new(connection.try_clone()?);
    let mut line = String::new();
    while reader.read_line(&mut line)? > 0 {
        connection.write_all(answer(&line, name, sender).as_bytes())?;
        line.clear();
    }
    Ok(())
}

fn answer_datagrams(socket: &UdpSocket, name: &str) {
    let mut buffer = [0; LONGEST];
    loop {
        // An error is about a datagram that was sent before; its receiver may be gone.
        if let Ok((length, sender)) = socket.recv_from(&mut buffer) {
            let request = String::from_utf8_lossy(&buffer[..length]);
            drop(socket.send_to(answer(&request, name, sender).as_bytes(), sender));
        }
    }
}
