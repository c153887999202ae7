package import DynamoDBClient

/// Whether a table's items expire.
package enum ExpiryState: Sendable, Hashable {
  /// They do, or may still.
  case on
  case off

  /// What the service says of time to live; what is being switched off still deletes.
  package init(_ status: DescribeTimeToLiveOutput.Status) { self = status == .disabled ? .off : .on }
}

extension ControlItem {
  /// The item with what was seen of OLD's time to live, one epoch on; nil where there is nothing new to keep, or a switch is under way.
  ///
  /// The first sight counts: the service may go on deleting for an hour after it was switched off.
  package func noting(oldExpiry: ExpiryState, at now: Int64) -> ControlItem? {
    guard next == nil, phase <= .dualRead, (oldExpiry == .off) != (ttlOffSince != nil) else { return nil }
    return changed { $0.ttlOffSince = oldExpiry == .off ? now : nil }
  }
}
