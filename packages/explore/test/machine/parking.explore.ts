/** The parking lot: no wake-up is lost, and each step of the proof in parking.ts has a twin without it that loses one. */
import { exploreNamed } from './explore-named.ts';

exploreNamed({
  schedules: {
    'park-and-unpark': 14,
    'park-and-unpark-one': 14,
    'park-and-unpark-cpu': 12,
    'park-until-a-value': 94,
    'unpark-wakes-all': 983,
    'unpark-by-value': 1247,
    'unpark-one-of-two': 2090,
    'parked-and-interrupted': 1083,
    'parking-proof': 12,
    'parking-proof-s2-late': 13,
  },
  twins: {
    'parking-proof-s1-late': 50,
    'parking-proof-without-s2': 50,
    'parking-proof-without-p1': 50,
    'parking-proof-p1-late': 50,
    'parking-proof-without-p2': 50,
    'parking-proof-p2-late': 50,
    'parking-proof-without-p3': 50,
    'parking-proof-p3-late': 50,
    'parking-proof-without-p4': 50,
    'parking-proof-u1-late': 50,
    'parking-proof-without-u2': 50,
    'parking-proof-without-k2': 500,
    'parking-proof-without-k3': 50,
  },
});
