extension RunSeries {
  /// The series of a run that several workers shared, each of which recorded what it did itself: their sums over the run's time.
  ///
  /// Workers take samples at their own moments, so counts between two of them are taken to have grown evenly. What the requests of a
  /// sample came to goes to the span in which it was taken.
  package init(merging workers: [RunSeries]) {
    let workers = workers.filter { !$0.samples.isEmpty }
    let end = workers.reduce(0) { max($0, $1.samples.last?.elapsed ?? 0) }
    var interval = workers.reduce(Self.firstInterval) { max($0, $1.interval) }
    while end / interval >= Self.mostSamples { interval *= 2 }
    var samples: [RunSample] = []
    for moment in stride(from: interval, to: end + interval, by: interval) {
      let elapsed = min(moment, end)
      var sample = RunSample(elapsed: elapsed, moment: 0, counts: PassCounts())
      var limits: [String: Int] = [:]
      for worker in workers {
        sample.counts += worker.counts(at: elapsed)
        for own in worker.samples(after: moment - interval, to: elapsed) { sample.absorb(own) }
        guard let current = worker.current(at: elapsed) else { continue }
        sample.moment = max(sample.moment, current.moment - Int64(current.elapsed - elapsed))
        if let limit = current.limit { limits[limit, default: 0] += 1 }
        if let limit = current.readLimit { sample.readLimit = (sample.readLimit ?? 0) + limit }
        if let limit = current.writeLimit { sample.writeLimit = (sample.writeLimit ?? 0) + limit }
      }
      // What most were held up by.
      sample.limit = limits.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.first?.key
      if sample.counts[.newReadMilliunits] > 0 {
        var new = PassCounts()
        new[.readMilliunits] = sample.counts[.newReadMilliunits]
        sample.newCounts = new
      }
      samples.append(sample)
    }
    self.init(interval: interval, samples: samples)
  }

  /// When the worker began, about: it takes its first sample an interval later.
  private var start: Int { max(0, (samples.first?.elapsed ?? 0) - interval) }

  private func samples(after: Int, to end: Int) -> ArraySlice<RunSample> {
    let first = samples.firstIndex { $0.elapsed > after } ?? samples.endIndex
    let last = samples[first...].firstIndex { $0.elapsed > end } ?? samples.endIndex
    return samples[first..<last]
  }

  /// The sample that a moment belongs to; nil where the worker was not there.
  private func current(at elapsed: Int) -> RunSample? { elapsed <= start ? nil : samples.first { $0.elapsed >= elapsed } }

  /// What was counted until a moment.
  private func counts(at elapsed: Int) -> PassCounts {
    guard elapsed > start, let next = samples.firstIndex(where: { $0.elapsed >= elapsed }) else {
      return elapsed > start ? samples.last?.counts ?? PassCounts() : PassCounts()
    }
    let (from, before) = next > 0 ? (samples[next - 1].elapsed, samples[next - 1].counts) : (start, PassCounts())
    let part = Double(elapsed - from) / Double(max(1, samples[next].elapsed - from))
    var counts = before
    for counter in PassCounter.allCases {
      counts[counter] += Int((Double(samples[next].counts[counter] - before[counter]) * part).rounded())
    }
    return counts
  }
}
