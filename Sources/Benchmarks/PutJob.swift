/// What a child process that puts items is told.
struct PutJob {
  var port = 0
  /// The limit's threads, the kit's loops.
  var threads = 1
  /// All threads together.
  var connections = 64
  var items: Int
  /// Puts go out 25 a request.
  let isBatch: Bool
  /// Blocks of memory that are asked for are counted, which takes time.
  var countsBlocks = false
  /// Nothing is kept of the progress.
  var isForgetful = false
  /// A file with the certificate to trust, for TLS; empty for plain HTTP.
  var certificate = ""
  /// A request's body, for those that don't make their own.
  var body = ""
  /// The operation that `body` is for.
  var operation: String

  var arguments: [String] {
    ["\(port)", "\(threads)", "\(connections)", "\(items)", "\(isBatch)", "\(countsBlocks)", "\(isForgetful)", certificate, body, operation]
  }

  init(items: Int, isBatch: Bool = false, operation: String? = nil) {
    (self.items, self.isBatch) = (items, isBatch)
    self.operation = operation ?? (isBatch ? "BatchExecuteStatement" : "PutItem")
  }

  init(arguments: [String]) throws(Failure) {
    guard arguments.count == 10, let port = Int(arguments[0]), let threads = Int(arguments[1]), let connections = Int(arguments[2]),
      let items = Int(arguments[3]), let isBatch = Bool(arguments[4]), let countsBlocks = Bool(arguments[5]),
      let isForgetful = Bool(arguments[6])
    else { throw Failure("a putter takes: port threads connections items batch blocks forgetful certificate body operation") }
    self.init(items: items, isBatch: isBatch, operation: arguments[9])
    (self.port, self.threads, self.connections) = (port, threads, connections)
    (self.countsBlocks, self.isForgetful, self.certificate, self.body) = (countsBlocks, isForgetful, arguments[7], arguments[8])
  }
}
