/// Who sent a request, as its credentials say.
struct Caller: Sendable, Hashable {
  /// The id of the access key that signed; empty where nothing was signed and nobody asked for it.
  var accessKeyID = ""
}
