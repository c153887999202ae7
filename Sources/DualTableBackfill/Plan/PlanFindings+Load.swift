internal import DynamoDBClient
internal import DynamoDBModel
internal import MigrationControl

// What the items are like, and what they take of the tables.
extension PlanFindings {
  var capacity: [Finding] {
    guard let estimate, let new = facts.new?.description else { return [] }
    var findings: [Finding] = []
    let wanted = estimate.recommendedWriteUnits
    if new.billingMode == .payPerRequest {
      let warm = max(new.warmThroughput?.writeUnitsPerSecond ?? 0, PlanEstimate.coldWriteUnits)
      findings.append(
        wanted <= warm
          ? .ok(
            "newCapacity", "The new table is on demand and takes \(warm) write units a second, of which \(wanted) are enough for a night.")
          : .warning(
            "newCapacity",
            "The new table is on demand and takes \(warm) write units a second at first: warm it to \(wanted) to be done within a night."))
      if let limit = new.onDemandThroughput?.maxWriteRequestUnits, limit < wanted {
        findings.append(
          .warning("newCapacity", "The new table takes \(limit) write units a second at most, by its own limit: raise it to \(wanted)."))
      }
    } else {
      let provisioned = new.provisionedThroughput?.writeCapacityUnits ?? 0
      findings.append(
        provisioned >= wanted
          ? .ok("newCapacity", "The new table has \(provisioned) write units a second, of which \(wanted) are enough for a night.")
          : .warning(
            "newCapacity", "The new table has \(provisioned) write units a second: provision \(wanted) to be done within a night."))
    }
    let old = facts.old.description
    if old.billingMode != .payPerRequest, let reads = old.provisionedThroughput?.readCapacityUnits, reads < estimate.recommendedReadUnits {
      findings.append(
        .warning(
          "oldCapacity",
          "The old table has \(reads) read units a second for the service and the scan, which takes \(estimate.recommendedReadUnits): provision more."
        ))
    }
    return findings
  }

  var items: Finding {
    guard let sample = facts.sample else { return .warning("items", "The old table could not be sampled, so that nothing is estimated.") }
    guard sample.items > 0 else { return .ok("items", "The old table is empty, as far as a scan sees.") }
    let mean = sample.oldBytes / sample.items
    return .ok(
      "items",
      "\(max(facts.old.description.itemCount ?? 0, sample.items)) items by the last count, \(mean) bytes each in a sample of \(sample.items), the "
        + "largest \(sample.largestOldItem); converted, the largest has \(sample.largestNewItem).")
  }

  var conversion: [Finding] {
    guard let sample = facts.sample, sample.items > 0 else { return [] }
    let subject = "conversion"
    guard let first = sample.failures.first else {
      let skipped = sample.filtered > 0 ? ", \(sample.filtered) of which it skips" : ""
      return [.ok(subject, "The mapping converts all \(sample.items) items of the sample\(skipped).")]
    }
    let kinds = sample.failures.count
    let reasons = "\(first.count) times \(first.reason)\(kinds > 1 ? ", and \(kinds - 1) other reasons" : "")"
    if sample.failed == sample.items {
      return [.blocker(subject, "The mapping converts none of the \(sample.items) items of the sample: \(reasons).")]
    }
    return [
      .warning(
        subject,
        "The mapping can't convert \(sample.failed) of \(sample.items) items of the sample, which would be dead letters: \(reasons).")
    ]
  }

  /// A tenth of the sample under one key is more than chance, where keys are many.
  private static let largestShare = 0.1
  private static let smallestSample = 50

  var skew: [Finding] {
    guard let sample = facts.sample, sample.items >= Self.smallestSample else { return [] }
    var findings: [Finding] = []
    for (role, count, total) in [
      ("old", sample.largestOldCollection, sample.items), ("new", sample.largestNewCollection, sample.newItems),
    ] where total > 0 && count > 1 && Double(count) >= Self.largestShare * Double(total) {
      findings.append(
        .warning(
          "\(role)Skew",
          "\(count) of \(total) sampled items stand under one partition key of the \(role) table: one partition of 1,000 write units a second "
            + "\(role == "new" ? "takes" : "gives") them all, and the run is no faster than that."))
    }
    return findings.isEmpty ? [.ok("skew", "No partition key stands out in the sample.")] : findings
  }
}
