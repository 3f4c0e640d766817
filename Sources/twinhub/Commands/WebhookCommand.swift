import EventStreams
import Foundation
import Operations
import PostgresClient

/// `twinhub webhook …`: services that events are posted to.
struct WebhookCommand: Command {
    static let name = "webhook"
    static let abstract = "Post events to services: CloudEvents over HTTPS, signed, in order, again until they are taken."
    static let discussion = """
        Each event is posted alone (application/cloudevents+json), or several in an array (--batch). Requests are signed as
        standardwebhooks.com says: webhook-id, webhook-timestamp, webhook-signature. A receiver answers 2xx when it has
        kept the event; the same event may come again, under the same id. What it refuses with 400, 413, 415 or 422 is a dead
        letter; other 4xx and redirects pause the webhook; no answer or 5xx is tried again, after ever longer pauses.
        """
    static let subcommands: [any Command.Type] = [Add.self, List.self, Test.self, Pause.self, Resume.self, Replay.self, Remove.self, Deliver.self]

    private static let webhook = Positional("NAME", "Which webhook.")

    /// The file with a webhook's secret.
    static func secretFile(_ name: String, _ home: HubHome) -> String { "\(home.keys)/webhook-\(name).secret" }

    static func signature(_ name: String, _ home: HubHome) throws -> WebhookSignature {
        let file = secretFile(name, home)
        guard let text = try? String(contentsOfFile: file, encoding: .utf8), let signature = WebhookSignature(secret: text) else {
            throw CommandError(.configuration, "\(file) is missing or holds no secret (whsec_ and Base64). Bring it back, or remove the webhook and add it again.")
        }
        return signature
    }

    /// `twinhub webhook add NAME --url URL`
    struct Add: Command {
        static let name = "add"
        static let abstract = "Add a webhook and make its secret, in a file of mode 0600."
        static let url = Option("url", value: "URL", "Where events are posted to.", required: true)
        static let batch = Option("batch", value: "N", "Most events in one request; 1 posts each alone.", default: "1")
        static let allowHTTP = Flag("allow-http", "Take an http:// address of another machine: only in a network of your own.")
        static let arguments: [any Argument] = [
            url, batch, StreamCommand.twin, StreamCommand.from, StreamCommand.types, StreamCommand.subjects, StreamCommand.sources, StreamCommand.departments,
            allowHTTP, webhook,
        ]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let name = try input.required(webhook)
            let size = try input.integer(batch, in: 1...1000)
            let hub = try context.openHub()
            let connection = try hub.connectAsOwner()
            let after = try StreamCommand.position(input.required(StreamCommand.from), input, connection)
            try Webhook.add(
                name, url: input.required(url), batch: size, filter: StreamCommand.filter(input), stream: StreamCommand.stream(input), after: after,
                allowsHTTP: input[allowHTTP], on: connection)
            let file = secretFile(name, hub.home)
            do {
                try writePrivateText(WebhookSignature.newSecret() + "\n", to: file)
            } catch {
                try Webhook.remove(name, on: connection)
                throw error
            }
            context.out.line("Webhook \(name) reads on after position \(after). Its secret is in \(file): give it to the receiver, and nobody else.")
            context.out.line("Try it: twinhub webhook test \(name)   Deliver: twinhub webhook deliver, or twinhub up")
            return withExtendedLifetime(hub) { .success }
        }
    }

    /// `twinhub webhook list`
    struct List: Command {
        static let name = "list"
        static let abstract = "Show each webhook: what was delivered, what waits, what failed."
        static let json = Flag("json", "For machines: one JSON document.")
        static let arguments: [any Argument] = [json]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let hub = try context.openHub()
            let webhooks = try Webhook.list(on: hub.connectAsOwner())
            if input[json] {
                try context.out.json(webhooks)
                return withExtendedLifetime(hub) { .success }
            }
            var table = Table([.left("webhook"), .left("url"), .right("delivered"), .right("behind"), .right("dead letters"), .left("")])
            for webhook in webhooks {
                var state = webhook.pauseReason.map { "paused: \($0)" } ?? ""
                if state.isEmpty, webhook.attempts > 0 {
                    state = "failed \(webhook.attempts) times, \(webhook.lastFailure ?? ""); again in \(StatusCommand.age(max(0, webhook.nextAttempt_s ?? 0)))"
                }
                table.add([
                    webhook.name, webhook.url, Progress.grouped(Int(webhook.delivered)), Progress.grouped(Int(webhook.lag)),
                    Progress.grouped(Int(webhook.deadLetters)), state,
                ])
            }
            context.out.write(table.rendered)
            return withExtendedLifetime(hub) { .success }
        }
    }

    /// `twinhub webhook test NAME`
    struct Test: Command {
        static let name = "test"
        static let abstract = "Post one event that stands for nothing (twinhub.webhook.tested), and say what came back."
        static let arguments: [any Argument] = [webhook]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let hub = try context.openHub()
            let delivery = try delivery(input, hub, context)
            switch try delivery.test(id: "test-" + UUID().uuidString.lowercased()) {
            case .status(200..<300, _):
                context.out.line("The receiver took it.")
                return withExtendedLifetime(hub) { .success }
            case .status(let status, _): throw CommandError(.failure, "The receiver answered with status \(status).")
            case .failed(let words): throw CommandError(.temporary, "The test event was not delivered: \(words).")
            }
        }
    }

    private static func delivery(_ input: ParsedArguments, _ hub: Hub, _ context: Context) throws -> WebhookDelivery {
        let name = try input.required(webhook)
        let connection = try hub.connectAsOwner()
        try Webhook.require(name, on: connection)
        return WebhookDelivery(
            name, signature: try signature(name, hub.home), post: HTTPPost(), stop: StopSignal(watching: Cancellation.descriptor), on: connection)
    }

    /// `twinhub webhook pause NAME`
    struct Pause: Command {
        static let name = "pause"
        static let abstract = "Post nothing more; what comes waits."
        static let reason = Option("reason", value: "TEXT", "Why, for others to read.", default: "paused by hand")
        static let arguments: [any Argument] = [reason, webhook]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let hub = try context.openHub()
            try Webhook.pause(input.required(webhook), reason: input.required(reason), on: hub.connectAsOwner())
            return withExtendedLifetime(hub) { .success }
        }
    }

    /// `twinhub webhook resume NAME`
    struct Resume: Command {
        static let name = "resume"
        static let abstract = "Go on where it was paused, or try again at once."
        static let arguments: [any Argument] = [webhook]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let hub = try context.openHub()
            try Webhook.pause(input.required(webhook), reason: nil, on: hub.connectAsOwner())
            return withExtendedLifetime(hub) { .success }
        }
    }

    /// `twinhub webhook replay NAME`
    struct Replay: Command {
        static let name = "replay"
        static let abstract = "Post the dead letters again, or everything from a place on."
        static let from = Option("from", value: "PLACE", "Everything after: a position, an event's id, a moment or 'beginning'; else the dead letters.")
        static let arguments: [any Argument] = [from, webhook]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let hub = try context.openHub()
            if let place = input[from] {
                let connection = try hub.connectAsOwner()
                let name = try input.required(webhook)
                try Webhook.require(name, on: connection)
                let position = try LogStream(connection).position(of: place)
                try Consumer(Webhook.consumer(of: name), on: connection).seek("\(position)")
                context.out.line("\(name) reads on after position \(position).")
                return withExtendedLifetime(hub) { .success }
            }
            let (taken, left) = try delivery(input, hub, context).replay()
            context.out.line("\(taken) dead letter\(taken == 1 ? "" : "s") taken, \(left) left.")
            return withExtendedLifetime(hub) { left == 0 ? .success : .failure }
        }
    }

    /// `twinhub webhook remove NAME`
    struct Remove: Command {
        static let name = "remove"
        static let abstract = "Forget a webhook, its progress, its dead letters and its secret."
        static let arguments: [any Argument] = [webhook]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let hub = try context.openHub()
            let name = try input.required(webhook)
            try Webhook.remove(name, on: hub.connectAsOwner())
            try? FileManager.default.removeItem(atPath: secretFile(name, hub.home))
            return withExtendedLifetime(hub) { .success }
        }
    }

    /// `twinhub webhook deliver`
    struct Deliver: Command {
        static let name = "deliver"
        static let abstract = "Post what comes to all webhooks, until Ctrl-C or SIGTERM. `twinhub up` runs it."

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let hub = try context.openHub()
            _ = try hub.connectAsOwner()
            let (home, err) = (hub.home, context.err)
            let dispatcher = WebhookDispatcher(
                hub.conninfo, stop: StopSignal(watching: Cancellation.descriptor), signature: { try signature($0, home) },
                report: { err.line("twinhub: webhook \($0)") })
            try dispatcher.run()
            return withExtendedLifetime(hub) { .success }
        }
    }
}
