import CLibCrypto
import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A server certificate (X.509 v3, EC P-256) that is its own authority: clients are given it as the one they trust.
struct SelfSignedCertificate {
    /// PEM.
    let certificate: String
    let key: String

    /// - Parameter names: names and addresses by which clients reach the server; `*` and repetitions are left out.
    init(names: [String], days: Int = 3650) throws(OperationsError) {
        guard let made = Self.make(names: names, days: days) else {
            throw OperationsError(.internal, "libcrypto made no certificate.", advice: "Give one with --certificate and --key.")
        }
        self = made
    }

    private init(certificate: String, key: String) { (self.certificate, self.key) = (certificate, key) }

    private static func make(names: [String], days: Int) -> SelfSignedCertificate? {
        guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil) else { return nil }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1,
            EVP_PKEY_keygen(context, &key) == 1, let key, let certificate = X509_new()
        else { return nil }
        defer {
            EVP_PKEY_free(key)
            X509_free(certificate)
        }
        let distinct = names.reduce(into: [String]()) { if $1 != "*", !$0.contains($1) { $0.append($1) } } + ["localhost"]
        let name = X509_get_subject_name(certificate)
        let alternatives = distinct.map { isAddress($0) ? "IP:\($0)" : "DNS:\($0)" }.joined(separator: ",")
        guard X509_set_version(certificate, 2) == 1, ASN1_INTEGER_set(X509_get_serialNumber(certificate), Int.random(in: 1...Int(Int32.max))) == 1,
            X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) != nil,
            X509_gmtime_adj(X509_getm_notAfter(certificate), days * 86_400) != nil,
            X509_NAME_add_entry_by_txt(name, "CN", 0x1000 /* MBSTRING_UTF8 */, distinct[0], -1, -1, 0) == 1,
            X509_set_issuer_name(certificate, name) == 1, X509_set_pubkey(certificate, key) == 1,
            add(NID_subject_alt_name, alternatives, to: certificate), add(NID_basic_constraints, "critical,CA:TRUE", to: certificate),
            X509_sign(certificate, key, EVP_sha256()) > 0
        else { return nil }
        guard let certificateText = text({ PEM_write_bio_X509($0, certificate) }),
            let keyText = text({ PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) })
        else { return nil }
        return SelfSignedCertificate(certificate: certificateText, key: keyText)
    }

    private static func add(_ kind: Int32, _ value: String, to certificate: OpaquePointer) -> Bool {
        guard let item = X509V3_EXT_conf_nid(nil, nil, kind, value) else { return false }
        defer { X509_EXTENSION_free(item) }
        return X509_add_ext(certificate, item, -1) == 1
    }

    private static func text(_ write: (OpaquePointer) -> Int32) -> String? {
        guard let memory = BIO_new(BIO_s_mem()) else { return nil }
        defer { BIO_free(memory) }
        guard write(memory) == 1 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        let count = BIO_read(memory, &bytes, Int32(bytes.count))
        return count > 0 ? String(decoding: bytes[..<Int(count)], as: UTF8.self) : nil
    }

    private static func isAddress(_ text: String) -> Bool {
        var four = in_addr(), six = in6_addr()
        return inet_pton(AF_INET, text, &four) == 1 || inet_pton(AF_INET6, text, &six) == 1
    }
}
