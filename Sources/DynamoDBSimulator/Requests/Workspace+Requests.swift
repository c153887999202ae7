internal import DynamoDBModel
internal import HTTPTransport

extension Workspace {
  /// Puts an item or a key on the request's tape.
  ///
  /// - Returns: the bytes that the tape goes with.
  mutating func read(_ json: JSONValue, isEarly: Bool) throws(ServiceError) -> [UInt8] {
    let wire = [UInt8](copying: json.wire.span)
    do {
      _ = try tape.read(wire.span)
    } catch {
      throw try .value(error, json, isEarly: isEarly)
    }
    return wire
  }

  /// Puts bytes on the request's tape that it took before.
  mutating func readAgain(_ wire: [UInt8]) {
    do {
      _ = try tape.read(wire.span)
    } catch {
      preconditionFailure("these bytes were read before: \(error)")
    }
  }
}
