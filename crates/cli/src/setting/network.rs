//! The way to the provider.

use std::path::PathBuf;

use countersign::outside::Outside;
use countersign_transport::{HyperTransport, TrustAnchors};

use crate::error::CommandError;

/// The flags of the network.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct NetworkArguments {
    /// Certificates to trust besides the system's, as PEM
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
}

impl NetworkArguments {
    /// The world, with a network in it.
    pub(crate) fn outside(&self) -> Result<Outside, CommandError> {
        Ok(Outside::new(self.transport()?))
    }

    /// The network alone.
    pub(crate) fn transport(&self) -> Result<HyperTransport, CommandError> {
        let mut anchors = TrustAnchors::of_system()?;
        if let Some(file) = &self.ca_file {
            anchors = anchors.and_file(file)?;
        }
        Ok(HyperTransport::trusting(anchors)?)
    }
}
