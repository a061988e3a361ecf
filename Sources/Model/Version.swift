/// The release, as `--version` prints it.
package let sluiceVersion = "0.1.0"
