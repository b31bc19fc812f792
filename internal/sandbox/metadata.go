package sandbox

import (
	"maps"
	"net/http"
	"slices"
)

// metadata is the CapabilityStatement, which needs no token.
func (s *fhirServer) metadata(r *http.Request) answer {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return outcome(http.StatusMethodNotAllowed, "not-supported", "the method is not supported here", WrongMethod).
			with("Allow", http.MethodGet)
	}
	var resources []object
	for _, kind := range []string{"DocumentReference", "Observation", "Patient"} {
		var codes, parameters []object
		for _, code := range []string{"read", "search-type", "create", "update"} {
			codes = append(codes, object{"code": code})
		}
		known, _ := searchParameters(kind)
		for _, name := range slices.Sorted(maps.Keys(known)) {
			parameters = append(parameters, object{"name": name})
		}
		resources = append(resources, object{
			"type": kind, "interaction": codes, "searchParam": parameters, "versioning": "versioned-update",
		})
	}
	return fhirAnswer(http.StatusOK, encode(object{
		"resourceType": "CapabilityStatement", "status": "active", "date": "2025-01-15", "kind": "instance",
		"fhirVersion": "4.0.1", "format": []string{"json"},
		"implementation": object{"description": "hgrun sandbox, " + s.environment.name, "url": s.base},
		"rest": []object{{
			"mode": "server", "resource": resources,
			"security": object{"extension": []object{{
				"url":       "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
				"extension": []object{{"url": "token", "valueUri": s.environment.issuer() + tokenPath}},
			}}},
		}},
	}))
}

// smartConfiguration is discovery as SMART App Launch 2.2 wants it below the FHIR base; the root has it as well.
func (e *environment) smartConfiguration(r *http.Request) answer {
	return discovery(r, e.smartDocument())
}

func (e *environment) smartDocument() object {
	document := e.authorizationServer()
	document["token_endpoint_auth_signing_alg_values_supported"] = []string{"HS256"}
	document["capabilities"] = []string{
		"launch-ehr", "launch-standalone", "authorize-post", "client-public", "client-confidential-symmetric", "sso-openid-connect",
		"context-ehr-patient", "context-ehr-encounter", "context-standalone-patient", "permission-offline", "permission-patient",
		"permission-user", "permission-v1", "permission-v2",
	}
	return document
}

// described is smart-configuration with members replaced or added.
func (e *environment) described(more object) endpoint {
	return func(r *http.Request) answer {
		document := e.smartDocument()
		maps.Copy(document, more)
		return discovery(r, document)
	}
}

func (e *environment) openIDConfiguration(r *http.Request) answer {
	document := e.authorizationServer()
	document["id_token_signing_alg_values_supported"] = []string{"RS256"}
	document["subject_types_supported"] = []string{"public"}
	return discovery(r, document)
}

// authorizationServer is what all discovery documents have in common (RFC 8414, RFC 8628, RFC 9126, RFC 9207).
func (e *environment) authorizationServer() object {
	grants := []string{clientCredentials, jwtBearerGrant, refreshTokenGrant, authorizationCode, deviceGrant, tokenExchangeGrant}
	if e.sandbox.Switches().Password {
		grants = append(grants, passwordGrant)
	}
	return object{
		"issuer":                                         e.issuer(),
		"token_endpoint":                                 e.issuer() + tokenPath,
		"authorization_endpoint":                         e.origin + authorizePath,
		"pushed_authorization_request_endpoint":          e.origin + parPath,
		"device_authorization_endpoint":                  e.origin + devicePath,
		"introspection_endpoint":                         e.origin + infoPath,
		"revocation_endpoint":                            e.origin + cancelPath,
		"jwks_uri":                                       e.origin + keysPath,
		"grant_types_supported":                          grants,
		"response_types_supported":                       []string{"code"},
		"token_endpoint_auth_methods_supported":          authMethods(),
		"scopes_supported":                               e.clients.viewer.scopes,
		"code_challenge_methods_supported":               []string{"S256"},
		"authorization_response_iss_parameter_supported": true,
	}
}

func authMethods() []string {
	return []string{"client_secret_post", "client_secret_basic", "client_secret_jwt", "none"}
}

func discovery(r *http.Request, document object) answer {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return silent(http.StatusMethodNotAllowed, WrongMethod).with("Allow", http.MethodGet)
	}
	return jsonAnswer(http.StatusOK, document)
}
