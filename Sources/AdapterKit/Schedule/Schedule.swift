import RecordFormats

/// When `twinhub up` runs an adapter.
package enum Schedule: Sendable, Hashable {
    /// So many seconds after the last start.
    case every(Int)
    /// When the clock of a zone shows it.
    case cron(CronExpression, zone: String)
    /// When files of its patterns are new or changed.
    case onArrival

    /// The moment of the next run, in seconds since 1970; nil for one that waits for files. A run that was missed is made up for once.
    ///
    /// - Parameter last: when the last run began; nil where there was none.
    package func next(after last: Int64?, now: Int64) -> Int64? {
        switch self {
        case .every(let seconds): return last.map { $0 + Int64(seconds) } ?? now
        case .cron(let expression, let zone): return expression.next(after: last ?? now, in: Zones.named(zone) ?? Zone.utc)
        case .onArrival: return nil
        }
    }

    /// As a phrase: "every 10 min", "cron */10 * * * * (Asia/Shanghai)", "when files arrive".
    package var title: String {
        switch self {
        case .every(let seconds):
            let units = [(86_400, "d"), (3600, "h"), (60, "min")]
            let unit = units.first { seconds % $0.0 == 0 } ?? (1, "s")
            return "every \(seconds / unit.0) \(unit.1)"
        case .cron(let expression, let zone): return "cron \(expression.text) (\(zone))"
        case .onArrival: return "when files arrive"
        }
    }

    /// Compiles `schedule` of a manifest.
    static func parse(_ value: LocatedValue, file: String) throws(AdapterError) -> Schedule {
        let object = try ManifestObject(value, "the schedule", file: file, known: ["every", "cron", "zone", "on_arrival"])
        if let zone = object["zone"], object["cron"] == nil { throw object.fault("\"zone\" goes with \"cron\".", at: zone) }
        switch (try object.duration_s("every"), try object.string("cron"), try object.bool("on_arrival") ?? false) {
        case (let seconds?, nil, false): return .every(seconds)
        case (nil, let text?, false):
            let zone = try object.string("zone") ?? "UTC"
            guard Zones.named(zone) != nil else {
                throw object.fault("There is no time zone \"\(zone)\".", at: try object.required("zone"), hint: "Use a name such as Asia/Shanghai, or +08:00.")
            }
            do throws(CronExpression.Mistake) {
                return .cron(try CronExpression(text), zone: zone)
            } catch {
                throw object.fault("\"cron\" of the schedule \(error.message).", at: try object.required("cron"), hint: "Every ten minutes: \"*/10 * * * *\".")
            }
        case (nil, nil, true): return .onArrival
        default:
            throw object.fault("The schedule needs one of \"every\", \"cron\" and \"on_arrival: true\".", at: value)
        }
    }
}

extension Manifest {
    /// What changes when files of the adapter's inputs arrive, grow or go: names, sizes and times, without reading one.
    package func arrivals(environment: [String: String]) -> String {
        let places = InputPlaces(self, environment: environment)
        return streams.map { stream in
            guard case .files(let files) = stream.input else { return "" }
            return places.stamps(of: files).joined(separator: "\n")
        }.joined(separator: "\n")
    }
}
