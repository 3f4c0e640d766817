import PostgresClient

/// Reads a stream as CloudEvents, from any place, without a name.
package protocol EventReader: AnyObject {
    /// The position that a text means: a position, an event's public id, a moment, `beginning` or `now`.
    func position(of text: String) throws -> Int64

    /// Hands over what is settled after a position, in order, as events with a line's end, some 64 KiB at a time.
    /// - Parameters:
    ///   - end: where to stop; nil for the settled horizon.
    ///   - limit: about how many events at most.
    ///   - body: gets the bytes, and the position of their last event.
    /// - Returns: the position to go on after. Less than `end` where there were many events: ask again.
    func read(after: Int64, upTo end: Int64?, limit: Int, _ body: (UnsafeRawBufferPointer, Int64) throws -> Void) throws -> Int64
}

extension Consumer.Stream {
    /// The position in this stream that a text means.
    func position(of text: String, on connection: Connection) throws -> Int64 {
        if text == "beginning" { return 0 }
        if let position = Int64(text) { return position }
        let isID = text.wholeMatch(of: /[0-9a-f]{12}-t?[0-9]+/) != nil
        if isID, text.contains("-t") != (self == .twin) {
            throw StreamError(.badRequest, "The id \(text) is not of this stream: ids of the twin's changes have a t before the number, those of facts have none.")
        }
        let (function, parameters): (String, [Parameter]) =
            text == "now" ? ("hub.stream_end($1)", [.text(rawValue)])
            : isID ? ("hub.position_of($1)", [.text(text)]) : ("hub.position_at($2::timestamptz, $1)", [.text(rawValue), .text(text)])
        return try StreamError.typed { try connection.query("SELECT \(function)", parameters).int(0, 0) ?? 0 }
    }
}
