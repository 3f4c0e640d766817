import Foundation
import RecordFormats

/// What a tap measures of itself: `METRIC: {"type": "counter", "metric": "record_count", "value": 5, "tags": {…}}` on standard error, as
/// singer-python and Meltano's SDK write it.
struct TapMetrics {
    /// Sums of counters; number and sum of timers, in seconds.
    private struct Sum {
        var type: String
        var metric: String
        var tags: [(String, String)]
        var count = 0
        var value = 0.0
    }

    /// Names of tags that say what was measured; others (process ids, partitions) differ from line to line, and may hold values.
    private static let tags = ["stream", "endpoint", "job_type", "status", "http_status_code"]
    private static let most = 500
    private var sums: [String: Sum] = [:]
    private var order: [String] = []

    var isEmpty: Bool { order.isEmpty }

    /// Takes a line; false where it holds no metric.
    mutating func take(_ line: String) -> Bool {
        guard let mark = line.firstRange(of: "METRIC: "), let value = try? JSONParser.parse(String(line[mark.upperBound...])),
            let metric = value[member: "metric"]?.string, let type = value[member: "type"]?.string,
            let number = value[member: "value"]?.string.flatMap(Double.init), number.isFinite
        else { return false }
        let tags = Self.tags.compactMap { name in value[member: "tags"]?[member: name]?.string.map { (name, $0) } }
        let key = ([type, metric] + tags.flatMap { [$0.0, $0.1] }).joined(separator: "\0")
        if sums[key] == nil {
            guard order.count < Self.most else { return true }
            order.append(key)
            sums[key] = Sum(type: type, metric: metric, tags: tags)
        }
        sums[key]?.count += 1
        sums[key]?.value += number
        return true
    }

    /// A JSON list of `{ type, metric, tags, value, count }`, in the order in which they first came.
    var json: String {
        var writer = JSONWriter()
        writer.beginArray()
        for sum in order.compactMap({ sums[$0] }) {
            writer.beginObject()
            writer.member("type", string: sum.type)
            writer.member("metric", string: sum.metric)
            writer.name("tags")
            writer.beginObject()
            for (name, value) in sum.tags { writer.member(name, string: value) }
            writer.endObject()
            writer.name("value")
            writer.write(double: sum.value)
            writer.name("count")
            writer.write(int: Int64(sum.count))
            writer.endObject()
        }
        writer.endArray()
        return writer.text
    }
}
