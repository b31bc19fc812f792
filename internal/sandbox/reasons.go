package sandbox

// A Reason is the true cause of an answer, of which the client may see only an opaque error. The values are stable:
// tests compare a diagnosis with them.
type Reason string

// OK is the reason of every answer that gives what was asked for.
const OK Reason = "ok"

// InjectedFault is the reason of an answer that Inject spoiled; the detail names the fault.
const InjectedFault Reason = "injected-fault"

// Reasons of the token endpoints, in the order in which they are looked for.
const (
	WrongMethod            Reason = "wrong-method"
	ParameterInQuery       Reason = "parameter-in-query"
	WrongContentType       Reason = "wrong-content-type"
	UnreadableForm         Reason = "unreadable-form"
	RepeatedParameter      Reason = "repeated-parameter"
	MissingParameter       Reason = "missing-parameter"
	UnsupportedGrant       Reason = "unsupported-grant"
	MixedFlows             Reason = "mixed-flows"
	SeveralAuthentications Reason = "several-client-authentications"
	NoAuthentication       Reason = "no-client-authentication"
	WrongAssertionType     Reason = "wrong-client-assertion-type"
	MalformedBasic         Reason = "malformed-basic"
	MalformedAssertion     Reason = "malformed-assertion"
	WrongHeader            Reason = "wrong-header"
	UnknownKey             Reason = "unknown-key"
	UnreachableKeys        Reason = "unreachable-keys"
	UnknownClient          Reason = "unknown-client"
	WrongAlgorithm         Reason = "wrong-algorithm"
	WrongSignature         Reason = "wrong-signature"
	DecodedSecret          Reason = "signed-with-decoded-secret"
	WrongIssuer            Reason = "wrong-issuer"
	WrongSubject           Reason = "wrong-subject"
	WrongAudience          Reason = "wrong-audience"
	WrongExpiry            Reason = "wrong-expiry"
	ExpiredAssertion       Reason = "expired-assertion"
	DistantExpiry          Reason = "distant-expiry"
	FutureAssertion        Reason = "future-assertion"
	WrongID                Reason = "wrong-jti"
	ReplayedAssertion      Reason = "replayed-assertion"
	WrongSecret            Reason = "wrong-secret"
	UnencodedBasic         Reason = "basic-not-form-encoded"
	EncodedBasic           Reason = "basic-form-encoded"
	UnauthorizedGrant      Reason = "unauthorized-grant"
	UnregisteredScope      Reason = "unregistered-scope"
	UnknownRefreshToken    Reason = "unknown-refresh-token"
	ReplacedRefreshToken   Reason = "replaced-refresh-token"
	DeadRefreshToken       Reason = "dead-refresh-token"
	ExpiredRefreshToken    Reason = "expired-refresh-token"
	GrownScope             Reason = "grown-scope"
	WrongRedirect          Reason = "wrong-redirect-uri"
	WrongResource          Reason = "wrong-resource"
	UnknownLaunch          Reason = "unknown-launch"
	UnknownRequest         Reason = "unknown-request-uri"
	UnknownCode            Reason = "unknown-code"
	UsedCode               Reason = "used-code"
	ExpiredCode            Reason = "expired-code"
	WrongVerifier          Reason = "wrong-code-verifier"
	PendingDevice          Reason = "pending-device"
	PolledTooSoon          Reason = "polled-too-soon"
	DeniedDevice           Reason = "denied-device"
	WrongPassword          Reason = "wrong-password"
	WrongSubjectToken      Reason = "wrong-subject-token"
)

// Reasons of requests that need an access token.
const (
	NoCredentials      Reason = "no-credentials"
	SeveralCredentials Reason = "several-credentials"
	TokenInQuery       Reason = "token-in-query"
	AssertionAsToken   Reason = "assertion-as-token"
	UnknownToken       Reason = "unknown-token"
	ExpiredToken       Reason = "expired-token"
	RevokedToken       Reason = "revoked-token"
	ForeignToken       Reason = "foreign-token"
	MissingProof       Reason = "missing-proof"
	WrongProof         Reason = "wrong-proof"
	WrongNonce         Reason = "wrong-nonce"
	ReplayedProof      Reason = "replayed-proof"
	WrongProofKey      Reason = "wrong-proof-key"
	BoundAsBearer      Reason = "bound-token-as-bearer"
	NoCertificate      Reason = "no-certificate"
	WrongCertificate   Reason = "wrong-certificate"
	OutsideCompartment Reason = "outside-compartment"
	InsufficientScope  Reason = "insufficient-scope"
	WrongTime          Reason = "wrong-time"
	WrongPayload       Reason = "wrong-payload-hash"
)

// Reasons of requests for a resource.
const (
	DoubleSlash      Reason = "double-slash"
	UnknownPath      Reason = "unknown-path"
	UnknownResource  Reason = "unknown-resource"
	WrongAccept      Reason = "wrong-accept"
	WrongParameter   Reason = "wrong-parameter"
	UnreadableBody   Reason = "unreadable-body"
	InvalidResource  Reason = "invalid-resource"
	DuplicateRecord  Reason = "duplicate-record"
	StaleVersion     Reason = "stale-version"
	ExpiredCursor    Reason = "expired-cursor"
	TooManyRequests  Reason = "too-many-requests"
	StillInProgress  Reason = "still-in-progress"
	RoleNotPermitted Reason = "role-not-permitted"
)
