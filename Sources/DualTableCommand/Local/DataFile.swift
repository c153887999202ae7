internal import DualTableScan
internal import DynamoDBModel
internal import DynamoDBSimulator
internal import HTTPTransport
internal import Synchronization

/// The file in which a served DynamoDB is kept: a run of frames, each with its length and checksum, the last one saying that it is whole.
///
/// It is written anew each time, beside the old one, and takes its name when all of it is on the disk. So the file always holds one whole
/// state: after Ctrl-C or SIGTERM the last one, after SIGKILL or a power cut that of at most a few seconds before.
final class DataFile: Sendable {
  private static let kind = "dualtable local 1"
  private static let end = "end"

  let path: String
  /// The changes that the file holds.
  private let saved = Mutex<Int?>(nil)

  init(path: String) { self.path = path }

  /// Gives the simulator what is in the file; false if there is no file yet.
  ///
  /// - Throws: where the file can't be read, or is none of ours, or not whole.
  func load(into simulator: DynamoDBSimulator) throws(CommandError) -> Bool {
    guard File.exists(path) else { return false }
    do {
      let file = try File(path, .read)
      var reader = SnapshotReader()
      var buffer = ByteBuffer()
      var (offset, frames) = (0, 0)
      var isWhole = false
      while true {
        let got = try file.read(at: offset, 4 << 20, into: &buffer)
        offset += got
        var at = 0
        while !isWhole, let payload = Frame.payload(buffer.span, at: at) {
          let bytes = buffer.span.extracting(payload)
          switch frames {
          case 0: guard String(copying: bytes) == Self.kind else { throw damaged("is no such file, or one of another version") }
          case _ where String(copying: bytes) == Self.end: isWhole = true
          default: guard reader.read(bytes) else { throw damaged("can't be read") }
          }
          frames += 1
          at = payload.upperBound
        }
        buffer.removeFirst(at)
        // More than any frame has and still none whole: the rest is read by nobody.
        if got == 0 || isWhole || buffer.count > Frame.headSize + Frame.sizeLimit { break }
      }
      guard isWhole, buffer.isEmpty, try file.length() == offset else { throw damaged("is damaged") }
      simulator.restore(reader)
      saved.withLock { $0 = simulator.changeCount }
      return true
    } catch let error as StateError {
      throw CommandError(error.description)
    } catch let error as CommandError {
      throw error
    } catch {
      throw damaged("can't be read")
    }
  }

  func saveIfChanged(_ simulator: DynamoDBSimulator) throws(CommandError) {
    if saved.withLock({ $0 }) != simulator.changeCount { try save(simulator) }
  }

  /// Writes all that is there now.
  func save(_ simulator: DynamoDBSimulator) throws(CommandError) {
    let (snapshot, count) = simulator.snapshot()
    do {
      try File.replace(path) { (file) throws(StateError) in
        var buffer = ByteBuffer(capacity: 2 << 20)
        Frame.append(to: &buffer) { $0.append(contentsOf: Self.kind.utf8) }
        try snapshot.write { (payload) throws(StateError) in
          Frame.append(to: &buffer) { $0.append(payload) }
          guard buffer.count > 1 << 20 else { return }
          try file.append(buffer.span)
          buffer.removeAll()
        }
        Frame.append(to: &buffer) { $0.append(contentsOf: Self.end.utf8) }
        try file.append(buffer.span)
      }
    } catch {
      throw CommandError(error.description)
    }
    saved.withLock { $0 = count }
  }

  private func damaged(_ how: String) -> CommandError {
    CommandError("The data file \(path) \(how): move it away to begin with no tables, or name another one.")
  }
}
