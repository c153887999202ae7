internal import DualTableScan
internal import DynamoDBClient

extension PacedReader {
  init(_ configuration: Verification.Configuration, _ control: PassControl, index: Int, of side: TableSide) {
    self.init(
      control, sizing: PageSizing(openSegments: configuration.openSegments, bytesInFlight: configuration.bytesInFlight),
      patience: configuration.patience,
      seed: configuration.seed &+ UInt64(index), on: side.client.clock)
  }

  /// Reads a page as the budget and the service allow; nil if the run was asked to stop before there was one.
  ///
  /// - Parameters:
  ///   - isConsistent: or at half the price.
  ///   - projection: attributes to read; nil: all.
  mutating func page(_ next: SegmentPage, of side: TableSide, isConsistent: Bool, projection: [String]?) async throws -> ScanPage? {
    let input = ScanPageInput(
      table: side.table, segment: next.segment, totalSegments: next.totalSegments, exclusiveStartKey: next.exclusiveStartKey, limit: limit,
      consistent: isConsistent, projection: projection)
    begin(items: limit)
    while try await turn() {
      do throws(DynamoDBError) {
        let page = try await side.client.scanPage(input, options: options)
        received(bytes: page.body.count)
        return page
      } catch {
        guard try await failed(error) else { return nil }
      }
    }
    return nil
  }
}
