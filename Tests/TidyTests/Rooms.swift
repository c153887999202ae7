/// The rooms of the house in the order of import: each may import those behind it, never those before it.
enum Rooms {
  static let order = [
    "Benchmarks", "DualTableTool", "DualTableCommand", "DualTableReport", "DualTableRehearsal", "DualTableVerify", "DualTableBackfill",
    "DualTableScan", "DualTable", "MigrationControl", "DualTableMapping", "DynamoDBLocalServer", "DynamoDBSimulator", "DynamoDBClient",
    "DynamoDBExpressions", "AWSAuth", "DynamoDBModel", "CurlTransport", "HTTPTransport", "Telemetry",
  ]

  /// Where time, randomness and the executor come from, and where Foundation may be.
  static let outermost = ["Benchmarks", "DualTableTool", "DualTableCommand"]

  /// Modules of the toolchain that any room may use.
  static let toolchain = ["Glibc", "Synchronization", "Dispatch"]

  /// The C targets, for any room.
  static let libraries = ["CLibcurl", "CLibcrypto", "CLibYAML", "CZlib", "CMicroHTTPD", "CNullServer", "CLimit", "CAllocations"]

  /// Why a file of `room` may not import `module`; nil if it may.
  static func objection(to module: String, in room: String) -> String? {
    if toolchain.contains(module) || libraries.contains(module) { return nil }
    if module == "Foundation" { return outermost.contains(room) ? nil : "Foundation stays out below the command" }
    if module == "ArgumentParsing" {
      return outermost.contains(room) ? nil : "only the command parses arguments"
    }
    if room == "ArgumentParsing" { return "ArgumentParsing knows nothing of the kit" }
    guard let own = order.firstIndex(of: room) else { return "\(room) isn't in the order of rooms; add it to Rooms.order" }
    guard let other = order.firstIndex(of: module) else { return "\(module) is no room of ours and no part of the toolchain" }
    return other > own ? nil : "\(room) lies below \(module)"
  }
}
