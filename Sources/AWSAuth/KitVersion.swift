/// The kit's version, as `--version` prints it and requests name it.
package let kitVersion = "0.1.0"
