//! Writes a large cluster to standard output: the same bytes every time.
//!
//! ```sh
//! cargo run --release --example generate-cluster -- list 5000 20 > cluster.yaml
//! ```

mod cluster;

use std::error::Error;
use std::io::Write as _;

use cluster::{Format, Size, text};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [format, services, endpoints] = args.as_slice() else {
        return Err(
            "usage: generate-cluster documents|list|json SERVICES ENDPOINTS_OF_EACH".into(),
        );
    };
    let size = Size {
        services: services.parse()?,
        endpoints: endpoints.parse()?,
    };
    let format = Format::parse(format).ok_or("the format is documents, list or json")?;
    std::io::stdout().write_all(text(size, format)?.as_bytes())?;
    Ok(())
}
