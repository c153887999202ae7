internal import Glibc

/// The sanitizer that the tests were built with, as `Tests/sanitize` says.
package enum Sanitizer {
  /// True where everything takes longer, and more memory, than in a program that is run.
  package static let isThere = unsafe getenv("DUALTABLE_TEST_SANITIZER") != nil
}
