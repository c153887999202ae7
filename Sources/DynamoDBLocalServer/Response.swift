internal import CMicroHTTPD
internal import DynamoDBModel
internal import DynamoDBSimulator
internal import Glibc
internal import HTTPTransport

/// Answers as libmicrohttpd sends them.
enum Response {
  /// Queues an exchange's answer, whose body stays where it is until the last byte has left; without one the connection is closed.
  static func queue(_ exchange: ServerExchange, _ connection: OpaquePointer) -> MHD_Result {
    exchange.phase = .answered
    let response: OpaquePointer?
    switch exchange.answer?.ending {
    case .broken, .closed, nil: return .NO
    case .whole:
      response =
        unsafe exchange.withBody { bytes in
          unsafe MHD_create_response_from_buffer(
            bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), .RESPMEM_PERSISTENT)
        } ?? nil
    case .brokenAfter:
      response = unsafe MHD_create_response_from_callback(
        UInt64(exchange.bodyCount), 4_096, { context, position, buffer, room in unsafe Response.read(context, position, buffer, room) },
        Unmanaged.passUnretained(exchange).toOpaque(), nil)
    }
    guard let response = unsafe response else { return .NO }
    defer { unsafe MHD_destroy_response(response) }
    unsafe MHD_add_response_header(response, "Content-Type", "application/x-amz-json-1.0")
    unsafe MHD_add_response_header(response, "x-amz-crc32", "\(exchange.answer?.checksum ?? 0)")
    unsafe MHD_add_response_header(response, "x-amzn-RequestId", exchange.answer?.requestID)
    unsafe MHD_add_response_header(response, "Date", exchange.answer?.dateText)
    return unsafe MHD_queue_response(connection, UInt32(exchange.answer?.status ?? 500), response)
  }

  /// Queues an answer of a status alone.
  static func empty(_ connection: OpaquePointer, status: UInt32) -> MHD_Result {
    guard let response = unsafe MHD_create_response_from_buffer(0, nil, .RESPMEM_PERSISTENT) else { return .NO }
    defer { unsafe MHD_destroy_response(response) }
    return unsafe MHD_queue_response(connection, status, response)
  }

  /// Queues text of a media type.
  static func text(_ connection: OpaquePointer, _ text: String, type: String) -> MHD_Result {
    var bytes = Array(text.utf8)
    guard let response = unsafe MHD_create_response_from_buffer(bytes.count, &bytes, .RESPMEM_MUST_COPY) else { return .NO }
    defer { unsafe MHD_destroy_response(response) }
    unsafe MHD_add_response_header(response, "Content-Type", type)
    return unsafe MHD_queue_response(connection, 200, response)
  }

  /// libmicrohttpd's callback: the next bytes of an answer whose connection breaks before its end.
  private static func read(
    _ context: UnsafeMutableRawPointer?, _ position: UInt64, _ buffer: UnsafeMutablePointer<CChar>?, _ room: Int
  ) -> Int {
    guard let context = unsafe context, let buffer = unsafe buffer else { return -2 }
    let exchange = unsafe Unmanaged<ServerExchange>.fromOpaque(context).takeUnretainedValue()
    guard case .brokenAfter(let end)? = exchange.answer?.ending, Int(position) < end else { return -2 }
    let count = min(room, end - Int(position))
    exchange.withBody { bytes in
      if let base = bytes.baseAddress { unsafe memcpy(buffer, base + Int(position), count) }
    }
    return count
  }
}
